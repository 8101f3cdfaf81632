// What stands around the npm package jsonata, which comes after this: what it expects of Node.js, and bounds on what one call
// of the engine's own could blow up before anybody counts it. Texts go in and JSON comes out; nothing of the host is in here.
(function () {
    'use strict';

    const textMax = 16 * 1024 * 1024;
    const valuesMax = 1000000;
    const depthMax = 400;
    const resultDepthMax = 48;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const join = Array.prototype.join;
    const stringify = JSON.stringify;

    const refuse = function (message) {
        throw { message: message };
    };

    const isFunction = function (value) {
        return typeof value === 'function' || value._jsonata_function === true || value._jsonata_lambda === true;
    };

    // Repeating a long text a million times is one call.
    Array.prototype.join = function (separator) {
        let length = Math.max(0, this.length - 1) * (separator === undefined ? 1 : String(separator).length);
        for (let i = 0; i < this.length && length <= textMax; i++) {
            length += typeof this[i] === 'string' ? this[i].length : 1;
        }

        return length > textMax ? refuse('A text would be longer than ' + textMax + ' characters') : join.call(this, separator);
    };

    // What holds the same value many times is small until it is written.
    const measure = function (value, depth, most, seen, functionsToo) {
        seen.text += typeof value === 'string' ? value.length : 1;
        seen.values++;
        if (seen.text > textMax || seen.values > valuesMax) {
            refuse('What would be written has more than ' + valuesMax + ' values or ' + textMax + ' characters');
        }

        if (value === null || typeof value !== 'object' || isFunction(value)) {
            return functionsToo && value !== null && value !== undefined && isFunction(value) ? refuse('The result is or holds a function') : undefined;
        }

        if (depth >= most) {
            refuse('What would be written is nested deeper than ' + most);
        }

        const names = Array.isArray(value) ? null : Object.keys(value);
        for (let i = 0; i < (names || value).length; i++) {
            seen.text += names ? names[i].length : 0;
            measure(names ? value[names[i]] : value[i], depth + 1, most, seen, functionsToo);
        }
    };

    JSON.stringify = function (value, replacer, space) {
        measure(value, 0, depthMax, { text: 0, values: 0 }, false);
        return stringify(value, replacer, space);
    };

    const encode = function (text) {
        let coded = '';
        for (let i = 0; i < text.length; i += 3) {
            const bits = (text.charCodeAt(i) & 255) << 16 | (text.charCodeAt(i + 1) & 255) << 8 | text.charCodeAt(i + 2) & 255;
            const left = text.length - i;
            coded += alphabet[bits >> 18] + alphabet[bits >> 12 & 63] + (left > 1 ? alphabet[bits >> 6 & 63] : '=') + (left > 2 ? alphabet[bits & 63] : '=');
        }

        return coded;
    };

    // As Node.js does: what is no digit is passed over, both alphabets are known, and '=' is the end.
    const decode = function (coded) {
        let [text, bits, count] = ['', 0, 0];
        for (let i = 0; i < coded.length && coded[i] !== '='; i++) {
            const digit = alphabet.indexOf(coded[i] === '-' ? '+' : coded[i] === '_' ? '/' : coded[i]);
            if (digit < 0) {
                continue;
            }

            bits = (bits << 6 | digit) & 0xffff;
            count += 6;
            if (count >= 8) {
                count -= 8;
                text += String.fromCharCode(bits >> count & 255);
            }
        }

        return text;
    };

    globalThis.global = globalThis;
    globalThis.Buffer = {
        from: function (text, coding) {
            return { toString: function () { return coding === 'base64' ? decode(text) : encode(text); } };
        },
    };

    globalThis.evaluateJsonata = async function (expression, data, replacer, space) {
        try {
            const value = await jsonata(expression).evaluate(data === undefined ? undefined : JSON.parse(data));
            measure(value, 0, resultDepthMax, { text: 0, values: 0 }, true);
            return stringify({ value: value, text: stringify(value, replacer === undefined ? undefined : JSON.parse(replacer), space) });
        } catch (e) {
            return stringify({ error: { code: e.code, position: e.position, message: String(e.message) } });
        }
    };
})();
