import { createTokenBuckets } from '../../../local/cases/calls';
import { DEFAULT_QUOTAS } from '../../../local/cases/model/switches';
import { DOMAIN, errorOf, setUpEach } from './support';

const domainId = DOMAIN;

describe('throttling', () => {
  const setup = setUpEach();

  const search = () => setup.client.searchCases({ domainId });

  test('does not happen unless a rate is set', async () => {
    await Promise.all(Array.from({ length: 50 }, search));
    expect(setup.service.calls.log.every(({ status }) => status === 200)).toBe(true);
  });

  test('lets the burst pass, then answers 429, then lets as many pass as have flowed back', async () => {
    setup.service.set({ rates: DEFAULT_QUOTAS });
    for (let call = 0; call < 10; call += 1) await search();
    const error = await errorOf(search());
    expect(error).toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 429 } });
    setup.tick(999);
    await search();
    await errorOf(search());
    setup.tick(1);
    await search();
    await errorOf(search());
  });

  test('counts each operation on its own, all domains together', async () => {
    setup.service.set({ rates: { SearchCases: { perSecond: 1, burst: 1 } } });
    await search();
    await errorOf(setup.client.searchCases({ domainId: 'another' }));
    await setup.client.listFields({ domainId });
    const caseId = await setup.createCase('t');
    await setup.client.getCaseAuditEvents({ domainId, caseId });
    expect(setup.service.calls.log.map(({ operation, status }) => [operation, status])).toEqual([
      ['SearchCases', 200],
      ['SearchCases', 429],
      ['ListFields', 200],
      ['CreateCase', 200],
      ['GetCaseAuditEvents', 200],
    ]);
  });

  test('changes nothing', async () => {
    setup.service.set({ rates: { CreateCase: { perSecond: 1, burst: 1 } } });
    await setup.createCase('one');
    await errorOf(setup.createCase('two'));
    expect(setup.service.history(DOMAIN)).toHaveLength(1);
  });
});

describe('a token bucket', () => {
  test('never holds more than its burst, and a clock that goes back refills nothing', () => {
    let time = 0;
    const buckets = createTokenBuckets(() => time);
    const rate = { perSecond: 10, burst: 3 };
    const takeAll = () => {
      let taken = 0;
      while (buckets.take('GetCase', rate)) taken += 1;
      return taken;
    };
    expect(takeAll()).toBe(3);
    time = 1_000_000;
    expect(takeAll()).toBe(3);
    time = 500_000;
    expect(takeAll()).toBe(0);
    time += 100;
    expect(takeAll()).toBe(1);
  });
});
