import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { deployConfigSchema, exportOptionsSchema } from '../lib/config/config';

export const CONFIG_SCHEMA = join(__dirname, '../config/schema.json');
export const EXPORT_OPTIONS = join(__dirname, '../lib/config/export-options.ts');

/** As much of JSON Schema as the configuration needs. */
interface JsonSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** The JSON Schema of a configuration file, from the schema that checks it. Rules across keys are told at synth only. */
export function configJsonSchema(): string {
  const { $schema, ...schema } = jsonSchema(deployConfigSchema);
  const whole = { $schema, title: 'Configuration of connect-cases-audit-export', ...schema };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** The construct's options as an interface, from the same schema. */
export function exportOptions(): string {
  return `// biome-ignore-all format: written by \`npm run docs\` from \`lib/config/config.ts\`.

/** Options of the export, as \`lib/config/config.ts\` checks them. */
export interface ExportOptions ${typeOf(jsonSchema(exportOptionsSchema), '')}
`;
}

/** Every option of a configuration file as a Markdown table, from the same schema. */
export function optionsTable(): string {
  return ['| option | default | meaning |', '|---|---|---|', ...rows(jsonSchema(deployConfigSchema), '')].join('\n');
}

function jsonSchema(schema: z.ZodType): JsonSchema & { readonly $schema?: string } {
  // Editors know draft 7 best.
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as JsonSchema;
}

function rows(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const inner = typeof property.additionalProperties === 'object' ? property.additionalProperties : property;
    const below = property === inner ? `${path}${name}.` : `${path}${name}.<domain>.`;
    const isRequired = schema.required?.includes(name) ?? false;
    const row = `| \`${path}${name}\` | ${isRequired ? 'required' : defaultOf(property)} | ${property.description ?? ''} |`;
    // The settings of one domain are those of all.
    return name === 'settings' && path !== '' ? [row] : [row, ...rows(inner, below)];
  });
}

function defaultOf({ default: value, properties }: JsonSchema): string {
  if (value === undefined || (properties !== undefined && JSON.stringify(value) === '{}')) return '–';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function typeOf(schema: JsonSchema, indent: string): string {
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map((each) => typeOf(each, indent)))].join(' | ');
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  if (schema.type === 'array') return `ReadonlyArray<${typeOf(schema.items ?? {}, indent)}>`;
  if (schema.type === 'integer') return 'number';
  if (schema.type !== 'object') return schema.type ?? 'unknown';
  if (typeof schema.additionalProperties === 'object') {
    return `Readonly<Record<string, ${typeOf(schema.additionalProperties, indent)}>>`;
  }
  const members = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const isRequired = schema.required?.includes(name) ?? false;
    const type = typeOf(property, `${indent}  `);
    return `${comment(property, `${indent}  `)}${indent}  readonly ${name}${isRequired ? '' : '?'}: ${type}${isRequired ? '' : ' | undefined'};\n`;
  });
  return `{\n${members.join('')}${indent}}`;
}

function comment(property: JsonSchema, indent: string): string {
  if (property.description === undefined) return '';
  const value = defaultOf(property);
  const lines = [property.description, ...(value === '–' ? [] : [`@default ${value.replaceAll('`', '')}`])];
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

if (require.main === module) {
  writeFileSync(CONFIG_SCHEMA, configJsonSchema());
  // Laid out as the linter wants it; what it says is the same.
  execFileSync('npx', ['biome', 'format', '--write', CONFIG_SCHEMA], { stdio: 'ignore' });
  writeFileSync(EXPORT_OPTIONS, exportOptions());
}
