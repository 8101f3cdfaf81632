// Makes answers to what a template asks, in three ways: everything, only what is required, and everything with the other choices.

export const WAYS = ['all', 'required', 'other'];

const texts = [
  'my-name', 'myname', 'MyName', 'my_name', 'MYNAME', 'com.example.app', 'example.com', '1.0.0', 'v1.0.0', '10', '8080', '10.0.0.0/16', '10.0.0.1', '/path', 'https://example.com/x',
  'person@example.com', '123456789012', 'us-east-1', 'group:default/acme', 'acme/thing', 'ABC-123', 'a1', 'AB', '2026-01-31', '512Mi', '1Gi', '100m', 'My name', 'main', 'arn:aws:iam::123456789012:role/x',
];
const fields = {
  RepoUrlPicker: 'github.com?owner=acme&repo=thing',
  OwnerPicker: 'group:default/acme',
  OwnedEntityPicker: 'component:default/thing',
  EntityPicker: 'component:default/thing',
  MyGroupsPicker: 'group:default/acme',
  EntityNamePicker: 'my-name',
};

export function answersFor(parameters, way) {
  const answers = {};
  for (const page of [parameters ?? []].flat()) {
    fill(answers, page, way);
  }
  return answers;
}

function fill(answers, schema, way) {
  if (!isRecord(schema)) {
    return;
  }
  const required = Array.isArray(schema.required) ? schema.required : [];
  for (const [name, property] of Object.entries(isRecord(schema.properties) ? schema.properties : {})) {
    if (!(name in answers) && (way !== 'required' || required.includes(name))) {
      answers[name] = valueFor(property, name, way);
    }
  }
  for (const [name, dependency] of Object.entries(isRecord(schema.dependencies) ? schema.dependencies : {})) {
    if (name in answers && isRecord(dependency)) {
      const branches = dependency.oneOf ?? dependency.anyOf;
      fill(answers, Array.isArray(branches) ? branches.find(branch => fits(branch?.properties?.[name], answers[name])) : dependency, way);
    }
  }
  for (const part of Array.isArray(schema.allOf) ? schema.allOf : []) {
    fill(answers, part?.if ? (fitsAll(part.if, answers) ? part.then : part.else) : part, way);
  }
  if (schema.if) {
    fill(answers, fitsAll(schema.if, answers) ? schema.then : schema.else, way);
  }
  if (Array.isArray(schema.oneOf)) {
    fill(answers, way === 'other' ? schema.oneOf.at(-1) : schema.oneOf[0], way);
  }
}

function valueFor(schema, name, way) {
  if (!isRecord(schema)) {
    return `${name}-value`;
  }
  const other = way === 'other';
  if ('const' in schema) {
    return schema.const;
  }
  if ('default' in schema && !other) {
    return schema.default;
  }
  if (Array.isArray(schema.enum)) {
    return other ? schema.enum.at(-1) : schema.enum[0];
  }
  const branches = schema.oneOf ?? schema.anyOf;
  if (Array.isArray(branches) && !schema.properties) {
    return valueFor({ ...schema, oneOf: undefined, anyOf: undefined, default: undefined, ...(other ? branches.at(-1) : branches[0]) }, name, way);
  }
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'boolean':
      return other ? schema.default !== true : true;
    case 'number':
    case 'integer':
      return schema.minimum ?? Math.min(other ? 12 : 3, schema.maximum ?? 12);
    case 'array':
      return Array.from({ length: Math.max(other ? 2 : 1, schema.minItems ?? 0) }, (_, i) => valueFor(schema.items ?? {}, i === 0 ? name : `${name}${i}`, schema.uniqueItems && i > 0 ? 'other' : way));
    case 'object': {
      const inside = {};
      fill(inside, schema, way);
      return inside;
    }
    case 'null':
      return null;
    default:
      return textFor(schema, name, other);
  }
}

function textFor(schema, name, other) {
  const given = fields[schema['ui:field']];
  const wanted = given ? [given, ...texts] : other ? ['Größe "x" & <y>', `${name}-other`, 'other-name', ...texts] : [`${name}-value`, ...texts];
  let pattern;
  try {
    pattern = schema.pattern === undefined ? undefined : new RegExp(schema.pattern, 'u');
  } catch {
    pattern = undefined;
  }
  return wanted.find(text => (!pattern || pattern.test(text)) && text.length <= (schema.maxLength ?? Infinity) && text.length >= (schema.minLength ?? 0)) ?? wanted[0];
}

function fits(schema, value) {
  return isRecord(schema) && (!('const' in schema) || schema.const === value) && (!Array.isArray(schema.enum) || schema.enum.includes(value));
}

function fitsAll(schema, answers) {
  return Object.entries(schema?.properties ?? {}).every(([name, property]) => fits(property, answers[name]));
}

function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
