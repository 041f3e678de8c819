/** The checkpoint table as a checker reads it. Calls GetItem and Query, strongly consistent; never writes. */
import { type DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { domainPartition, retryKey, stateKey, type TableKey } from '../../../lambda/export/domain/keys';
import { eventIdsItem, retryItem, stateItem } from '../../../lambda/export/domain/stored-items';
import { ArchiveError, type Checkpoints, type LedgerPart, type TableState } from './archive';
import { asked } from './aws-errors';

type Item = Record<string, unknown>;

export class CheckpointTableReader implements Checkpoints {
  constructor(
    private readonly client: DynamoDBClient,
    readonly name: string,
  ) {}

  async state(domainId: string): Promise<TableState | null> {
    const item = await this.#item(stateKey(domainId));
    if (item === null) return null;
    const { head, applied } = this.#decoded('STATE', () => stateItem.decode(domainId, item));
    return { head: head && { seq: head.seq, sha256: head.sha256 }, applied };
  }

  async retry(domainId: string, caseId: string) {
    const item = await this.#item(retryKey(domainId, caseId));
    return item && this.#decoded('an entry of the retry list', () => retryItem.decode(domainId, item));
  }

  async *ledger(domainId: string): AsyncGenerator<LedgerPart, void> {
    for await (const item of this.#ledgerItems(domainId)) {
      const { caseId, seq, ids } = this.#decoded('a part of the ledger', () => eventIdsItem.decode(domainId, item));
      yield { caseId, seq, ids, sortKey: String(item['sk']) };
    }
  }

  async *#ledgerItems(domainId: string): AsyncGenerator<Item, void> {
    const pages = paginateQuery(
      { client: this.client },
      {
        TableName: this.name,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :ids)',
        ExpressionAttributeValues: { ':pk': { S: domainPartition(domainId) }, ':ids': { S: 'IDS#' } },
        ConsistentRead: true,
      },
    );
    for (;;) {
      const page = await asked('dynamodb:Query', `the ledger in the table ${this.name}`, () => pages.next());
      if (page.done) return;
      for (const stored of page.value.Items ?? []) yield unmarshall(stored);
    }
  }

  #item({ pk, sk }: TableKey): Promise<Item | null> {
    return asked('dynamodb:GetItem', `the table ${this.name}`, async () => {
      const Key = { pk: { S: pk }, sk: { S: sk } };
      const { Item } = await this.client.send(new GetItemCommand({ TableName: this.name, Key, ConsistentRead: true }));
      return Item === undefined ? null : unmarshall(Item);
    });
  }

  #decoded<T>(what: string, decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      throw new ArchiveError(
        `The table ${this.name} holds ${what} that cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        'unavailable',
        { cause: error },
      );
    }
  }
}
