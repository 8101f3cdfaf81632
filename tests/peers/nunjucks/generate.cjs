// Makes templates: first every filter, method, test and operator with every kind of value, then random ones.
'use strict';

const values = {
  text: 'hello World', empty: '', spaced: '  a b\tc\n', accents: 'Straße ÉCOLE ΟΔΟΣ', lines: 'one\ntwo\r\n\n\n\nthree  x', html: '<b>x</b> & "q" \'s\' \\ <!-- c --> <a href="u">',
  words: 'see https://example.com/x, (www.a.org) mail me@x.io. or foo.net:80 end', numeral: '42', decimal: '3.70abc', hex: '0x1f', astral: 'a😀b', dashed: 'my-service_name.v2',
  zero: 0, one: 1, seven: 7, negative: -3.5, half: 2.5, tenth: 0.1, big: 12345678901234567890, tiny: 1.5e-9, yes: true, no: false, nothing: null,
  none_list: [], numbers: [3, 1, 2, 10], texts: ['b', 'A', 'c', 'a'], mixed: [3, 'x', null, true, '10', [1], { a: 1 }], nested: [[1, 2], [3, [4, 5]]],
  people: [{ name: 'Bo', age: 30, team: { id: 'x' } }, { name: 'al', age: 4, team: { id: 'y' } }, { name: 'Cy', age: 30, team: { id: 'x' }, tags: ['t'] }],
  record: { b: 'two', a: 'One', C: 3, 10: 'ten', 2: 'deux' }, empty_record: {}, like: { length: 2, 0: 'p', 1: 'q', x: 'r' }, deep: { a: { b: { c: [{ d: 'end' }] } } },
};
const names = Object.keys(values);

const filters = ['abs', 'batch', 'capitalize', 'center', 'd', 'default', 'dictsort', 'dump', 'e', 'escape', 'first', 'float', 'forceescape', 'groupby', 'indent', 'int', 'join', 'last', 'length',
  'list', 'lower', 'nl2br', 'reject', 'rejectattr', 'replace', 'reverse', 'round', 'safe', 'select', 'selectattr', 'slice', 'sort', 'string', 'striptags', 'sum', 'title', 'trim', 'truncate',
  'upper', 'urlencode', 'urlize', 'wordcount'];
const filterArguments = ['', '()', '(2)', '(3, "x")', '("a")', '("name")', '("age", 5)', '(", ")', '(", ", "name")', '("a", "b")', '("", "-")', '(0)', '(-1)', '(true)', '(2, true)', '("team.id")',
  '(false, "value")', '(true, "value")', '(true, true)', '(true, false, "name")', '(attribute="age")', '(reverse=true, attribute="age")', '(2, "ceil")', '(1, "floor")', '(5, true, "…")', '(undefinedname)',
  '(r/[a-z]/g, "<$&>")', '(r/(o)|x/, "[$1]")', '("l", "L", 1)', '(1, "one")', '("odd")', '("gt", 2)', '("string")', '(default=9)', '(base=16)', '(9, 2)', '(null)', '(2.7)', '("o", undefinedname)', '(numbers)', '(1000)'];
const tests = ['callable', 'defined', 'divisibleby(2)', 'divisibleby(0)', 'escaped', 'eq(1)', 'eq("hello World")', 'equalto(null)', 'even', 'falsy', 'ge(2)', 'greaterthan("a")', 'gt(1)', 'iterable', 'le(2)',
  'lessthan(3)', 'lower', 'lt("c")', 'mapping', 'ne(1)', 'null', 'none', 'number', 'odd', 'sameas(no)', 'string', 'truthy', 'undefined', 'upper', 'nosuch', 'even(1)', 'gt'];
// Without '**': V8's power differs from the C library's in the last digit, and only where no template goes.
const operators = ['+', '-', '*', '/', '//', '%', '~', '==', '!=', '===', '!==', '<', '<=', '>', '>=', 'and', 'or', 'in', 'not in', 'is'];
const textMethods = ['charAt', 'charCodeAt', 'concat', 'endsWith', 'includes', 'indexOf', 'lastIndexOf', 'replace', 'slice', 'split', 'startsWith', 'substring', 'toLowerCase', 'toUpperCase', 'trim', 'trimEnd', 'trimStart', 'replaceAll', 'padStart', 'length'];
const listMethods = ['at', 'concat', 'copyWithin', 'fill', 'flat', 'includes', 'indexOf', 'join', 'lastIndexOf', 'pop', 'push', 'reverse', 'shift', 'slice', 'sort', 'splice', 'unshift', 'map',
  'append', 'count', 'find', 'index', 'insert', 'remove', 'get', 'has_key', 'items', 'keys', 'values'];
const numberMethods = ['toExponential', 'toFixed', 'toPrecision', 'toString'];
const methodArguments = ['', '0', '1', '-1', '2', '1, 3', '-2, -1', '"o"', '"l", "[$&$`$\']"', 'r/l+/g, "<$&>"', 'r/(l)(o)?/, "$2$1$$$3"', 'r/[ ,]/', '"", 2', '"a"', '"A", 1', '1, 2, "x", "y"', 'undefinedname', 'null', '100', '16', 'numbers',
  '1, 1', '"z", 0', 'r/(?<n>o)/, "[$<n>$<q>]"', '1.9', '"b", -2'];
const numbers = ['0', '1', '7', '2.5', '-2.5', '0.5', '1.005', '123.456', '1e', '0.000001234', '1234567.891', '99999999999999999999999', '0.1 + 0.2', '1 / 3', '-0.0000001', '255', '0.5 - 1', '1 / 0', '0 / 0', '1.45', '8.345', '4.35 * 100', '2 ** 53', '2 ** 70', '5 % 3', '-5 % 3'];
const patterns = ['a|b', '^h', 'd$', '\\bW', '\\w+', '[^aeiou\\s]', '(\\w)\\1', 'o{1,2}?', '(?:l)(?=o)', '(?<!l)o', '(?<=h)e', '[\\d-x]', 'x{', '\\x68\\u0065', '[]', '[^]', '(a)|(l)', '\\cJ', '.', '$^', '(?!x)', '\\0', '[\\b]', 'l*?', '\\/',
  '(', ')', '*', 'a**', '[b-a]', '(?<a>x)(?<a>y)', '\\k<n>', '(?<n>l)\\k<n>', 'a{2,1}', '\\2(a)(l)', '\\8', '\\12', '[\\w-z]', '(?i:a)', '(?>a)', '(?#c)', '(z)?\\1o', '\\S+$', '(l+)(o*)'];

/** A generator of pseudo-random numbers, so that a seed gives the same templates again. */
function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = n => Math.floor(next() * n);
  return { below, pick: list => list[below(list.length)], chance: p => next() < p };
}

function* systematic() {
  for (const filter of filters) {
    for (const given of filterArguments) {
      for (const name of [...names, 'missing', 'undefinedname']) {
        yield { source: `\${{ ${name} | ${filter}${given} | dump }}` };
        if (given === '') {
          yield { source: `[\${{ ${name} | ${filter} }}]` };
          yield { source: `[\${{ ${name} | safe | ${filter} }}]` };
          yield { source: `{% filter ${filter} %}\${{ ${name} }}x{% endfilter %}` };
        }
      }
    }
  }
  for (const test of tests) {
    for (const name of [...names, 'missing', 'range', '(text | safe)', '""']) {
      yield { source: `\${{ ${name} is ${test} }} \${{ ${name} is not ${test} }}` };
    }
  }
  for (const operator of operators) {
    for (const left of [...names, 'missing', '(text | safe)', 'r/a/']) {
      for (const right of [...names, 'missing', '(text | safe)']) {
        yield { source: `\${{ ${left} ${operator} ${right} }}` };
      }
    }
  }
  for (const [receivers, methods] of [[['text', 'empty', 'astral', 'spaced', 'dashed', '(text | safe)'], textMethods], [['numbers', 'texts', 'mixed', 'nested', 'none_list', 'record', 'people'], listMethods]]) {
    for (const receiver of receivers) {
      for (const method of methods) {
        for (const given of methodArguments) {
          for (const cookiecutter of [false, true]) {
            const [open, close] = cookiecutter ? ['{{', '}}'] : ['${{', '}}'];
            yield { source: `${open} ${receiver}.${method}(${given}) | dump ${close} ${open} ${receiver} | dump ${close}`, cookiecutter };
          }
        }
      }
    }
  }
  for (const number of numbers) {
    yield { source: `\${{ ${number} }} \${{ (${number}) | int }} \${{ (${number}) | round(1) }}` };
    for (const method of numberMethods) {
      for (const given of ['', '0', '1', '2', '5', '20', '100', '16', '36', '-1', '101', '"3"', 'missing', '2.9', 'null']) {
        yield { source: `\${{ (${number}).${method}(${given}) }}` };
      }
    }
  }
  for (const pattern of patterns) {
    for (const flags of ['', 'g', 'i', 'm', 'gi', 'gy', 'y', 'gm']) {
      for (const subject of ['text', 'lines', 'dashed', 'empty', 'accents']) {
        yield { source: `\${{ ${subject} | replace(r/${pattern}/${flags}, "<$&|$1>") }}` };
        yield { source: `{% set re = r/${pattern}/${flags} %}\${{ re.test(${subject}) }}\${{ re.test(${subject}) }}\${{ re }}\${{ ${subject}.split(re) | dump }}\${{ ${subject}.replace(re, "[$&]") }}` };
      }
    }
  }
  for (const literal of ['1', '01', '1.', '.5', '1.5.2', '1e3', '1_0', '0x1', '"a\\n\\q\\"b"', "'it\\'s'", '[1,2,]', '[,]', '{a:1}', '{"a b":1, a:2}', '{a}', '{1:2}', '{true:1}', '()', '(1,2)', '-1', '--1', '- -1', '-+1', '+-1', '++1',
    'not not 1', 'not 1 + 1', 'not 0 == 0', 'not text ~ "x"', 'a.b.c', 'deep.a.b.c[0].d', 'deep["a"].b', 'deep.constructor', 'deep["__proto__"]', 'record[10]', 'record["10"]', 'record.10', 'numbers[0]', 'numbers["0"]', 'numbers["00"]', 'numbers[-1]',
    'numbers[1:]', 'numbers[:2]', 'numbers[::2]', 'numbers[::-1]', 'numbers[-2:]', 'numbers[1:3:1]', 'text[0:5]', 'text[::-1]', 'numbers[::0]', 'missing[1:2]', 'record[0:1]', 'numbers[0.5:]', 'numbers["1":]', 'numbers[:100]', 'numbers[100:]', 'numbers[-100:]',
    '1 if yes', '1 if no', '1 if no else 2', '1 if no else 2 if yes else 3', '(1 if no else 2) if yes else 3', '1 < 2 < 3', '3 > 2 > 1', '1 == 1 == 1', '1 < 2 == true', '2 + 3 * 4', '2 * 3 // 4', '7 // 2 * 2', '8 / 4 // 3', '9 % 5 // 2', '9 // 2 % 3',
    '2 * 7 % 4', '7 % 4 * 2', '2 ** 3 ** 2', '-2 ** 2', '2 - 1 - 1', '1 + "1"', '"1" + 1', '"3" * "4"', 'true + 1', 'null + 1', 'missing + 1', '[1] + [2]', '{} + 1', '1 ~ 2', '1 - 2 ~ 3', '1 in [1]', '"a" in "abc"', '"b" in record', '1 not in [1]', 'not 1 in [1]',
    '1 in 2', 'none', 'None', 'True', 'text|upper|lower', 'text | replace("o", "0") | title', '-seven | abs', '(-seven) | abs', 'seven | abs ** 2', 'range(3)', 'range(1, 7, 2)', 'range(5, 0, -2)', 'range()', 'range(1,2,3,4)', 'range("3")', 'range(0, 1, 0.3)', 'range(a=1)',
    'joiner()', 'cycler(1,2)', 'cycler(1,2).next()', 'range', '[range]', '{a: range}', 'range == range', 'range is callable', '[range][0](2)', 'text.length', 'text.nosuch', 'text.nosuch()', 'missing.x', 'missing.x.y', 'nothing.x', 'missing()', 'text()', 'zero.toFixed(2)', '5.5.toFixed(0)',
    '"x".concat("y")', 'text is string and yes', 'text is eq("a") == false', 'seven is odd in [true]', 'text if text is defined else "none"', 'text|default("x", true)', 'missing|default("x")', 'nothing|default("x")', 'text | foo.bar', 'a or b and c', 'missing or text', 'text and seven',
    'r/a/', 'r/a/gx', 'r/a', 'r/a\\/b/', 'r/\\\\/', 'r / 2', 'r/[/]/', '{a: {b: 1} }.a.b', '"}}"', '"%}"', 'text[', 'text]', 'text)', '(text', '@', 'text!', 'text.', 'text|', 'text||upper', 'text upper', 'if', 'for', 'x = 1', '{a: 1}["a"]', '[1,2][1]', '"abc"[1]']) {
    for (const cookiecutter of [false, true]) {
      const open = cookiecutter ? '{{' : '${{';
      yield { source: `${open} ${literal} }}`, cookiecutter };
      yield { source: `${open}${literal}}}`, cookiecutter };
    }
    yield { source: `\${{ ${literal} }}`, mode: 'value' };
    yield { source: `x \${{ ${literal} }}`, mode: 'value' };
    yield { source: `{% set v = ${literal} %}\${{ v | dump }}` };
  }
}

/** Random templates of all statements, nested, with white space of all kinds around them. */
function* randomly(count, seed) {
  const { below, pick, chance } = random(seed);
  const variables = ['x', 'y', 'z', 'loop', 'loop.index', 'loop.last', 'loop.length', 'caller', 'm', 'n', 'text', 'numbers', 'record', 'people', 'missing', 'mixed', 'seven', 'no'];
  let cookiecutter = false;
  let blocks = 0;

  const space = () => pick(['', ' ', ' ', '  ', '\n', '\t', '\r\n', '\n  ']);
  const text = () => pick(['', 'a', 'b ', '\n', '  \n  ', 'x\r\n', ' $ ', '{', '}', '% ', '# ', '\n\n\t', 'é', '"', '{ {', '$ {{'.slice(0, 2)]);
  const dash = () => (chance(0.15) ? '-' : '');
  const tag = code => `{%${dash()}${pick([' ', ' ', '', '\n'])}${code}${pick([' ', ' ', '', '\n'])}${dash()}%}`;
  const output = code => `${cookiecutter ? '{{' : '${{'}${dash()} ${code} ${dash()}}}`;

  function expression(depth) {
    if (depth <= 0 || chance(0.25)) {
      return pick([...variables, ...variables, pick(names), '1', '0', '2.5', '"s"', '""', 'true', 'false', 'null', '[]', '{}', '[1, 2]', '{k: 1}', 'deep.a.b', 'record.b', 'numbers[1]', 'people[0].name']);
    }
    const inner = () => expression(depth - 1);
    switch (below(16)) {
      case 0: case 1: return `${inner()} ${pick(operators)} ${inner()}`;
      case 2: return `(${inner()})`;
      case 3: return `not ${inner()}`;
      case 4: return `${inner()} | ${pick(filters)}${chance(0.5) ? pick(filterArguments) : ''}`;
      case 5: return `${inner()} if ${inner()}${chance(0.7) ? ` else ${inner()}` : ''}`;
      case 6: return `[${inner()}, ${inner()}]`;
      case 7: return `{a: ${inner()}, "b": ${inner()} }`;
      case 8: return `${inner()} is ${chance(0.3) ? 'not ' : ''}${pick(tests)}`;
      // No range of texts: the peer builds ever longer ones up to its limit of steps, for minutes.
      case 9: return chance(0.15) ? `range(${pick(['3', 'seven', '1, 4', '5, 0, -2', 'missing'])})` : `${pick(['m', 'n', 'caller', 'x', 'missing'])}(${chance(0.6) ? inner() : ''}${chance(0.3) ? `, ${inner()}` : ''}${chance(0.3) ? `, y=${inner()}` : ''})`;
      case 10: return `${pick(names)}.${pick([...textMethods, ...listMethods, ...numberMethods])}(${pick(methodArguments)})`;
      case 11: return `${inner()}[${inner()}]`;
      case 12: return `${pick(['-', '+'])}${inner()}`;
      // Only what has a length: on anything else a slice runs into the limits, slowly.
      case 13: return `${pick(['numbers', 'text', 'texts', 'nested', 'none_list', 'missing'])}[${pick(['', '1', '-1', 'seven'])}:${pick(['', '2', '-1'])}${pick(['', ':2', ':-1', ':'])}]`;
      case 14: return `(${inner()}, ${inner()})`;
      default: return `${inner()}.${pick(['a', 'name', 'length', 'b', '0', 'size', 'next', 'current'])}`;
    }
  }

  const code = () => expression(pick([0, 1, 1, 2, 2, 3]));
  const target = () => pick(['x', 'y', 'z', 'm', 'text', 'loop', 'numbers']);
  const parameters = () => pick(['', 'x', 'x, y', 'x, y=1', 'y="d"', 'x=1, y=x', 'x, x', 'y=2, x', 'caller', 'x, y=z']);

  function body(depth) {
    let out = '';
    for (let i = below(4); i >= 0; i--) {
      out += text() + statement(depth - 1) + text();
    }
    return out;
  }

  function statement(depth) {
    if (depth <= 0) {
      return output(code());
    }
    switch (below(17)) {
      case 0: case 1: case 2: return output(code());
      case 3: case 4: return tag(`if ${code()}`) + body(depth) + (chance(0.4) ? tag(`${pick(['elif', 'elseif'])} ${code()}`) + body(depth) : '') + (chance(0.5) ? tag('else') + body(depth) : '') + tag('endif');
      case 5: case 6: case 7: return tag(`for ${pick(['x', 'y', 'x, y', 'x, y, z', 'm', 'x,x'])} in ${code()}`) + body(depth) + (chance(0.3) ? tag('else') + body(depth) : '') + tag('endfor');
      case 8: case 9: return tag(`set ${target()}${chance(0.2) ? `, ${target()}` : ''} = ${code()}`);
      case 10: return tag(`set ${target()}`) + body(depth) + tag('endset');
      case 11: return tag(`macro ${pick(['m', 'n', 'x'])}(${parameters()})`) + body(depth) + tag('endmacro');
      case 12: return tag(`call${chance(0.3) ? `(${parameters()})` : ''} ${pick(['m', 'n', 'x'])}(${chance(0.5) ? code() : ''})`) + body(depth) + tag('endcall');
      case 13: return tag(`filter ${pick(filters)}${chance(0.3) ? pick(filterArguments) : ''}`) + body(depth) + tag('endfilter');
      case 14: return tag(`block b${blocks++}`) + body(depth) + tag('endblock');
      case 15: return tag(`switch ${code()}`) + tag(`case ${code()}`) + (chance(0.7) ? body(depth) : '') + tag(`case ${code()}`) + body(depth) + (chance(0.5) ? tag('default') + body(depth) : '') + tag('endswitch');
      default: return pick([`{#${dash()} c ${dash()}#}`, `{%${dash()} raw ${dash()}%}${text()}{{ x }}${'${{'} {% if %}${text()}{% endraw %}`, '{% verbatim %} {{ y }} {% endverbatim %}', '{# a #} {#-#}']);
    }
  }

  /** Damages a template, to compare what is refused. */
  function damaged(source) {
    const at = below(source.length + 1);
    switch (below(4)) {
      case 0: return source.slice(0, at) + source.slice(at + 1 + below(3));
      case 1: return source.slice(0, at) + pick(['{%', '%}', '}}', '${{', '{#', '#}', '-', '"', "'", '(', ')', '|', ' in ', ' is ', ',', '=', '.', 'r/', '\n', '{% else %}', '{% endif %}', '{% endfor %}', '%', '\u00a0', '\u2028']) + source.slice(at);
      case 2: return source.slice(0, at);
      default: { const other = below(source.length + 1); return source.slice(0, Math.min(at, other)) + source.slice(Math.max(at, other)); }
    }
  }

  for (let i = 0; i < count; i++) {
    cookiecutter = chance(0.25);
    blocks = 0;
    let source = chance(0.1) ? output(code()) : body(pick([1, 2, 3, 3, 4]));
    if (chance(0.2)) {
      source = damaged(source);
    }
    const mode = !cookiecutter && chance(0.2) ? 'value' : 'file';
    yield mode === 'value' ? { source, mode } : { source, mode, cookiecutter, trimBlocks: chance(0.3), lstripBlocks: chance(0.3) };
  }
}

module.exports = { values, systematic, randomly };
