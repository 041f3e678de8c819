import * as sdk from '@aws-sdk/client-connectcases';
import { matchRoute, ROUTES } from '../../../local/cases/routes';

type OperationSchema = readonly [9, string, string, { readonly http: readonly [string, string, number] }];

describe('the routing table', () => {
  test.each(Object.entries(ROUTES))('%s has the method, path and status of the client package', (operation, route) => {
    const [, , name, { http }] = (sdk as unknown as Record<string, OperationSchema>)[
      `${operation}$`
    ] as OperationSchema;
    const [method, path] = route.split(' ');
    expect([name, method, path, 200]).toEqual([operation, http[0], http[1].replace(/\/$/, ''), http[2]]);
  });

  test('decodes labels, and takes a label that is not well encoded as it stands', () => {
    expect(matchRoute('PUT', '/domains/a%20b/cases/c%2Fd')).toEqual({
      operation: 'UpdateCase',
      labels: { domainId: 'a b', caseId: 'c/d' },
    });
    expect(matchRoute('POST', '/domains/%zz')?.labels).toEqual({ domainId: '%zz' });
  });

  test('knows nothing else', () => {
    expect(matchRoute('GET', '/domains-list')).toBeUndefined();
    expect(matchRoute('POST', '/domains/d/rules-list/')).toBeUndefined();
  });
});
