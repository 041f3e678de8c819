/** What a statement read, by the statistics that Trino keeps of each query. */
import type { Trino } from '../../test/trino/client';

export interface ScanStatistics {
  /** Splits of all scans: a small file is one. */
  readonly files: number;
  /** As they were read from the disk. */
  readonly bytes: number;
}

interface Operator {
  readonly operatorType: string;
  readonly totalDrivers: number;
  readonly physicalInputDataSize: string;
}

/** Runs the statement to its end and asks the server what it read. Rejects with TrinoError. */
export async function scanStatistics(
  url: string,
  client: Trino,
  sql: string,
  parameters: readonly string[],
): Promise<ScanStatistics> {
  const { queryId } = await client.query(sql, parameters);
  const response = await fetch(`${url}/v1/query/${queryId}`, { headers: { 'X-Trino-User': 'test' } });
  if (!response.ok) throw new Error(`Trino answered ${response.status} to the question for ${queryId}`);
  const { queryStats } = (await response.json()) as { readonly queryStats: { readonly operatorSummaries: Operator[] } };
  const scans = queryStats.operatorSummaries.filter(({ operatorType }) => /Scan/.test(operatorType));
  return {
    files: scans.reduce((sum, { totalDrivers }) => sum + totalDrivers, 0),
    bytes: scans.reduce((sum, { physicalInputDataSize }) => sum + bytesOf(physicalInputDataSize), 0),
  };
}

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

/** `12.34kB`, as Trino writes a size. */
function bytesOf(size: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)([a-zA-Z]+)$/.exec(size) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined) throw new Error(`got the size ${size}, expected a number and one of ${Object.keys(UNITS)}`);
  return Number(number) * factor;
}
