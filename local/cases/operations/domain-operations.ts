import { conflict, validationError } from '../model/api-error';
import { knownField } from '../model/filters';
import { isoTime } from '../model/values';
import { addDomain, arnOf, findDomain, type Template, type World } from '../model/world';
import { type Handlers, inOrder, listPage, pageMembers } from './answer-lists';

export const DOMAIN_OPERATIONS = {
  CreateDomain: (world, { name }) => {
    if ([...world.domains.values()].some((domain) => domain.name === name)) {
      throw conflict(`A domain of the name ${name} exists already`);
    }
    const { domainId } = addDomain(world, world.newId(), name);
    return { domainId, domainArn: arnOf(world, domainId), domainStatus: 'Active' };
  },

  ListDomains: (world, input) => {
    const listing = inOrder([...world.domains.values()], ({ domainId }) => domainId);
    return pageMembers(listPage(world, 'ListDomains', input, 10, listing), 'domains', ({ domainId, name }) => ({
      domainId,
      domainArn: arnOf(world, domainId),
      name,
    }));
  },

  GetDomain: (world, input) => {
    const { domainId, name, createdAt } = findDomain(world, input.domainId);
    const createdTime = isoTime(createdAt);
    return { domainId, domainArn: arnOf(world, domainId), name, createdTime, domainStatus: 'Active', tags: {} };
  },

  CreateTemplate: (world, input) => {
    const domain = findDomain(world, input.domainId);
    if ([...domain.templates.values()].some((template) => template.name === input.name)) {
      throw conflict(`A template of the name ${input.name} exists already`);
    }
    const requiredFields = (input.requiredFields ?? []).map(({ fieldId }) => knownField(domain, fieldId));
    const readOnly = requiredFields.find((field) => field.readOnly);
    if (readOnly !== undefined) throw validationError(`Field ${readOnly.fieldId} is set by the service`);
    const template: Template = {
      templateId: world.newId(),
      name: input.name,
      description: input.description,
      status: input.status ?? 'Active',
      requiredFields: requiredFields.map(({ fieldId }) => fieldId),
    };
    domain.templates.set(template.templateId, template);
    return { templateId: template.templateId, templateArn: templateArn(world, domain.domainId, template) };
  },

  ListTemplates: (world, input) => {
    const domain = findDomain(world, input.domainId);
    const all = [...domain.templates.values()];
    const asked = all.filter(({ status }) => input.status?.includes(status) ?? true);
    const listing = inOrder(asked, ({ templateId }) => templateId, all);
    return pageMembers(listPage(world, 'ListTemplates', input, 100, listing), 'templates', (template) => ({
      templateId: template.templateId,
      templateArn: templateArn(world, domain.domainId, template),
      name: template.name,
      status: template.status,
    }));
  },
} satisfies Partial<Handlers>;

function templateArn(world: World, domainId: string, template: Template): string {
  return arnOf(world, domainId, 'template', template.templateId);
}
