import { shownEvent, visibleEvents } from '../model/audit-events';
import { createCase, deleteCase, updateCase } from '../model/cases';
import { knownField } from '../model/filters';
import { searchIndex } from '../model/search-cases';
import { listSwitches } from '../model/switches';
import { type CaseFields, currentFields, findCase, findDomain, type World } from '../model/world';
import { type Handlers, listPage, pageMembers } from './answer-lists';

const DEFAULT_PAGE = 25;

export const CASE_OPERATIONS = {
  CreateCase: createCase,

  UpdateCase: (world, input) => {
    updateCase(world, input);
    return {};
  },

  GetCase: (world, input) => {
    const domain = findDomain(world, input.domainId);
    const { templateId, tags, ...subject } = findCase(domain, input.caseId);
    for (const { id } of input.fields) knownField(domain, id);
    return { fields: shownFields(currentFields({ templateId, tags, ...subject }), input.fields), templateId, tags };
  },

  DeleteCase: (world, input) => {
    deleteCase(world, input);
    return {};
  },

  SearchCases: (world, input) => {
    const domain = findDomain(world, input.domainId);
    for (const { id } of input.fields ?? []) knownField(domain, id);
    const listing = searchIndex(world, domain, input);
    const { fields: asked, ...query } = input;
    const page = listPage(world, 'SearchCases', query, DEFAULT_PAGE, listing);
    return {
      ...pageMembers(page, 'cases', ({ subject, fields }) => ({
        caseId: subject.caseId,
        templateId: subject.templateId,
        fields: shownFields(fields, asked ?? []),
        tags: subject.tags,
      })),
      ...totalCount(world, listing.items.length),
    };
  },

  GetCaseAuditEvents: (world, input) => {
    const subject = findCase(findDomain(world, input.domainId), input.caseId);
    const page = listPage(world, 'GetCaseAuditEvents', input, DEFAULT_PAGE, visibleEvents(world, subject));
    return pageMembers(page, 'auditEvents', ({ event }) => shownEvent(world, event));
  },
} satisfies Partial<Handlers>;

function shownFields(fields: CaseFields, asked: readonly { readonly id: string }[]): object[] {
  return asked.flatMap(({ id }) => {
    const value = fields.get(id);
    return value === undefined ? [] : [{ id, value }];
  });
}

function totalCount(world: World, found: number): { totalCount?: number } {
  const { resultCap } = listSwitches(world.switches, 'SearchCases');
  switch (world.switches.totalCount) {
    case 'absent':
      return {};
    case 'capped':
      return { totalCount: Math.min(found, resultCap ?? found) };
    case 'exact':
      return { totalCount: found };
  }
}
