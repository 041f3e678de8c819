import {
  type ConnectCasesClient,
  CreateCaseCommand,
  CreateRelatedItemCommand,
  DeleteFieldCommand,
  DeleteRelatedItemCommand,
  type RelatedItemInputContent,
  UpdateCaseCommand,
  UpdateFieldCommand,
  UpdateRelatedItemCommand,
} from '@aws-sdk/client-connectcases';
import type { Action, Item } from './actions';
import { type Desk, fieldValues, given } from './desk';

/** Performs actions through the API, one after the other, and remembers which case is which. */
export class Player {
  readonly #caseIds = new Map<number, string>();
  /** Existing comments of each case, in the order of creation. */
  readonly #comments = new Map<number, string[]>();
  #items = 0;

  constructor(
    private readonly client: ConnectCasesClient,
    private readonly desk: Desk,
  ) {}

  /** Cases made so far. */
  get cases(): number {
    return this.#caseIds.size;
  }

  /** Rejects with the service's own error if it refuses. */
  async play(action: Action): Promise<void> {
    const { domainId } = this.desk;
    switch (action.do) {
      case 'create': {
        const templateId = this.desk.templateIds.get(action.kind);
        const fields = fieldValues(this.desk, action.fields);
        const command = new CreateCaseCommand({ domainId, templateId, fields, performedBy: action.by });
        this.#caseIds.set(action.case, given((await this.client.send(command)).caseId, 'CreateCase'));
        return;
      }
      case 'update': {
        const fields = fieldValues(this.desk, action.fields);
        await this.client.send(
          new UpdateCaseCommand({ domainId, caseId: this.#caseId(action.case), fields, performedBy: action.by }),
        );
        return;
      }
      case 'rename-field':
        await this.client.send(
          new UpdateFieldCommand({ domainId, fieldId: this.desk.fieldIds.get(action.field), name: action.name }),
        );
        return;
      case 'delete-field':
        await this.client.send(new DeleteFieldCommand({ domainId, fieldId: this.desk.fieldIds.get(action.field) }));
        return;
      default:
        await this.#playItem(action);
    }
  }

  async #playItem(action: Extract<Action, { do: 'attach' | 'edit-comment' | 'delete-comment' }>): Promise<void> {
    const caseId = this.#caseId(action.case);
    const key = { domainId: this.desk.domainId, caseId };
    const comments = this.#comments.get(action.case) ?? [];
    if (action.do === 'attach') {
      const { type } = action.item;
      const command = new CreateRelatedItemCommand({
        ...key,
        type,
        content: this.#content(action.item),
        performedBy: action.by,
      });
      const relatedItemId = given((await this.client.send(command)).relatedItemId, 'CreateRelatedItem');
      if (type === 'Comment') this.#comments.set(action.case, [...comments, relatedItemId]);
      return;
    }
    const relatedItemId = comments.at(-1);
    if (relatedItemId === undefined) return;
    if (action.do === 'delete-comment') {
      await this.client.send(new DeleteRelatedItemCommand({ ...key, relatedItemId }));
      this.#comments.set(action.case, comments.slice(0, -1));
      return;
    }
    const content = { comment: comment(action.body) };
    await this.client.send(new UpdateRelatedItemCommand({ ...key, relatedItemId, content, performedBy: action.by }));
  }

  #content(item: Item): RelatedItemInputContent {
    this.#items += 1;
    switch (item.type) {
      case 'Comment':
        return { comment: comment(item.body) };
      case 'Contact':
        return {
          contact: { contactArn: `arn:aws:connect:us-east-1:111122223333:instance/desk/contact/${this.#items}` },
        };
      case 'File':
        return { file: { fileArn: `arn:aws:connect:us-east-1:111122223333:instance/desk/file/${item.name}` } };
      case 'Sla':
        return {
          sla: {
            slaInputConfiguration: {
              name: 'First answer',
              type: 'CaseField',
              fieldId: 'status',
              targetFieldValues: [{ stringValue: 'closed' }],
              targetSlaMinutes: item.minutes,
            },
          },
        };
      case 'ConnectCase':
        return { connectCase: { caseId: this.#caseId(item.otherCase) } };
      case 'Custom':
        return { custom: { fields: fieldValues(this.desk, item.fields) } };
    }
  }

  #caseId(number: number): string {
    const caseId = this.#caseIds.get(number);
    if (caseId === undefined) throw new Error(`Case ${number} is not made yet`);
    return caseId;
  }
}

function comment(body: string) {
  return { body, contentType: 'Text/Plain' } as const;
}
