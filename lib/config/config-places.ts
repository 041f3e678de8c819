/** Rules on where a stack goes and which domains it exports. */
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { isSame, unless, type Violation } from './violations';

interface Place {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

interface DomainLists {
  readonly domains: readonly string[];
  readonly retiredDomains: readonly string[];
}

/** A Region that neither the CDK nor `others` knows: most likely misspelt. */
export function unknownRegion(region: string, others: readonly string[]): Violation[] {
  const known = [...RegionInfo.regions.map(({ name }) => name), ...others];
  const near = known.filter((name) => isNear(name, region)).sort();
  const hint = near.length === 0 ? 'such as eu-central-1' : `such as ${near.join(' or ')}`;
  return unless(
    known.includes(region),
    ['region'],
    `an AWS Region that is known here, ${hint}; one that is newer goes into otherRegions, too`,
  );
}

/** Domains that have options twice, once by id and once by ARN. */
export function doubledOptions(names: readonly string[]): Violation[] {
  const named = names.map((name) => ({ path: ['perDomain', name], name: domainIdOf(name) }));
  return doubled(named, ['perDomain'], 'each domain once, by id or by ARN');
}

/** A domain must be exported from its own account and Region. An ARN tells them, an id does not. */
export function elsewhere(key: 'domains' | 'retiredDomains', domains: readonly string[], context: Place): Violation[] {
  return domains.flatMap((domain, index) => {
    const [, , , region, account] = domain.split(':');
    if (region === undefined) return [];
    const isHere = isSame(region, context.region) && isSame(account, context.account);
    return unless(
      isHere,
      [key, index],
      `a domain of the account and Region of the stack, ${context.account ?? 'any account'} and ${context.region ?? 'any Region'}`,
    );
  });
}

/** Whether one name becomes the other by one letter more, less or other. */
function isNear(name: string, typed: string): boolean {
  if (Math.abs(name.length - typed.length) > 1) return false;
  let start = 0;
  while (start < name.length && name[start] === typed[start]) start += 1;
  const [rest, other] = [name.slice(start), typed.slice(start)];
  return rest.slice(1) === other.slice(1) || rest.slice(1) === other || rest === other.slice(1);
}

interface Named {
  readonly path: readonly PropertyKey[];
  readonly name: string;
}

/** Each that has the name of an earlier one, with both places. */
function doubled(all: readonly Named[], path: readonly PropertyKey[], expected: string): Violation[] {
  const first = new Map<string, readonly PropertyKey[]>();
  return all.flatMap(({ path: place, name }) => {
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, place);
      return [];
    }
    const places = [earlier, place];
    return [{ path, expected: `${expected}, but ${name} is ${places.map(shown).join(' and ')}`, places }];
  });
}

/** Domains that are given twice, each with both places. */
export function doubledDomains({ domains, retiredDomains }: DomainLists): Violation[] {
  const named = (key: string, list: readonly string[]) =>
    list.map((domain, index) => ({ path: [key, index], name: domainIdOf(domain) }));
  return doubled(
    [...named('domains', domains), ...named('retiredDomains', retiredDomains)],
    ['domains'],
    'each domain once, either in domains or in retiredDomains',
  );
}

function shown([key, at]: readonly PropertyKey[]): string {
  return typeof at === 'number' ? `${String(key)}[${at}]` : `${String(key)}.${String(at)}`;
}

/** Returns the id of a domain given as an id or an ARN. */
export function domainIdOf(domain: string): string {
  return domain.slice(domain.lastIndexOf('/') + 1);
}
