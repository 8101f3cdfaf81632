using System.Globalization;

namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// Reads the expressions of one piece of code, loosest operator first. The grouping is that of Nunjucks, which is not
/// always that of Python or JavaScript: see <see cref="Not"/>, <see cref="Product"/> and <see cref="Comparing"/>.
/// </summary>
internal sealed class ExpressionParser(string source, int start, int end, NodeCounter counter)
{
    private static readonly Dictionary<string, ComparisonOperator> s_equalities = new(StringComparer.Ordinal)
    {
        ["=="] = ComparisonOperator.Equal,
        ["!="] = ComparisonOperator.NotEqual,
        ["==="] = ComparisonOperator.StrictlyEqual,
        ["!=="] = ComparisonOperator.StrictlyNotEqual,
    };

    private static readonly Dictionary<string, ComparisonOperator> s_relations = new(StringComparer.Ordinal)
    {
        ["<"] = ComparisonOperator.Less,
        ["<="] = ComparisonOperator.LessOrEqual,
        [">"] = ComparisonOperator.Greater,
        [">="] = ComparisonOperator.GreaterOrEqual,
    };

    private readonly List<Token> _tokens = Lexer.Read(source, start, end);
    private int _at;

    private Token Now => _tokens[_at];

    /// <summary>One expression and nothing more.</summary>
    public Expression Whole()
    {
        var expression = Inline();
        End();
        return expression;
    }

    /// <summary>An expression that more may follow.</summary>
    public Expression Inline()
    {
        var body = Disjunction();
        if (!TakeName("if"))
        {
            return body;
        }

        var condition = Disjunction();
        var otherwise = TakeName("else") ? Nested(Disjunction) : null;
        return counter.Count(new Conditional(body.Position, condition, body, otherwise));
    }

    /// <summary>The names on the left of <c>=</c> or <c>in</c>.</summary>
    public List<Symbol> Targets()
    {
        var targets = new List<Symbol>();
        do
        {
            var token = Expect(TokenKind.Name, "a name");
            targets.Add(IsLiteral(token) ? throw Fault($"'{token.Text}' is a value and cannot be set", token) : SymbolOf(token));
        }
        while (Take(","));
        return targets;
    }

    /// <summary>The parameters of a macro, behind its opening parenthesis.</summary>
    public (List<Symbol> Formals, List<NamedExpression> Defaults) Signature()
    {
        var arguments = ArgumentsAfterParenthesis();
        var formals = new List<Symbol>();
        foreach (var formal in arguments.Positional)
        {
            formals.Add(formal as Symbol ?? throw TemplateFault.Syntax("the parameters of a macro are names", formal.Position));
        }

        return (formals, [.. arguments.Named]);
    }

    /// <summary>A filter's name and arguments, for this input.</summary>
    public Filtered Filter(Expression input)
    {
        var first = Allowed(Expect(TokenKind.Name, "the name of a filter"));
        var name = first.Text;
        while (Take("."))
        {
            name += "." + Allowed(Expect(TokenKind.Name, "the name of a filter")).Text;
        }

        var arguments = Take("(") ? Nested(ArgumentsAfterParenthesis) : Arguments.None;
        return counter.Count(new Filtered(first.Start, input, name, arguments));
    }

    public bool Take(string sign)
    {
        if (!Now.Is(sign))
        {
            return false;
        }

        _at++;
        return true;
    }

    public void Expect(string sign)
    {
        if (!Take(sign))
        {
            throw Fault($"expected '{sign}' and found {Now.Shown}", Now);
        }
    }

    public Token Expect(TokenKind kind, string described) => Now.Kind == kind ? _tokens[_at++] : throw Fault($"expected {described} and found {Now.Shown}", Now);

    /// <summary>A keyword that white space must surround.</summary>
    public bool TakeSpacedName(string name) =>
        (Now.Start == start || SourceText.IsCodeSpace(source[Now.Start - 1])) && (Now.End == end || SourceText.IsCodeSpace(source[Now.End])) && TakeName(name);

    public void End() => Expect(TokenKind.End, "the end of the tag");

    private bool TakeName(string name)
    {
        if (!Now.IsName(name))
        {
            return false;
        }

        _at++;
        return true;
    }

    private Expression Disjunction()
    {
        var left = Conjunction();
        while (TakeName("or"))
        {
            left = counter.Count(new Or(left.Position, left, Conjunction()));
        }

        return left;
    }

    private Expression Conjunction()
    {
        var left = Negation();
        while (TakeName("and"))
        {
            left = counter.Count(new And(left.Position, left, Negation()));
        }

        return left;
    }

    private Expression Negation()
    {
        var position = Now.Start;
        return TakeName("not") ? Not(Nested(Negation), position) : Containment();
    }

    /// <summary>
    /// Nunjucks writes <c>not a + b</c> as JavaScript's <c>!a + b</c>, and so the negation sinks to the first operand of an
    /// arithmetic operation or comparison.
    /// </summary>
    private Expression Not(Expression operand, int position) => operand switch
    {
        Binary { Operator: not BinaryOperator.Power } binary => counter.Count(binary with { Left = Not(binary.Left, position) }),
        Comparison comparison => counter.Count(comparison with { First = Not(comparison.First, position) }),
        _ => counter.Count(new Unary(position, UnaryOperator.Not, operand)),
    };

    private Expression Containment()
    {
        var left = Tested();
        while (true)
        {
            var negated = Now.IsName("not") && _tokens[_at + 1].IsName("in");
            _at += negated ? 1 : 0;
            if (!TakeName("in"))
            {
                return left;
            }

            left = counter.Count(new Membership(left.Position, left, Tested()));
            left = negated ? counter.Count(new Unary(left.Position, UnaryOperator.Not, left)) : left;
        }
    }

    private Expression Tested()
    {
        var left = Comparing();
        if (!TakeName("is"))
        {
            return left;
        }

        var negated = TakeName("not");
        var right = Comparing();
        var (name, arguments) = TestOf(right);
        var test = counter.Count(new Test(right.Position, left, name, arguments));
        return negated ? counter.Count(new Unary(left.Position, UnaryOperator.Not, test)) : test;
    }

    /// <summary>
    /// What stands behind <c>is</c> is read as an expression and then taken apart: a name, value, call or filter names the
    /// test, and everything else is the test <c>undefined</c>.
    /// </summary>
    private static (string Name, Arguments? Arguments) TestOf(Expression expression) => expression switch
    {
        Call call => (NameOf(call.Target), call.Arguments),
        Filtered filtered => (filtered.Name, filtered.Arguments with { Positional = [filtered.Input, .. filtered.Arguments.Positional] }),
        _ => (NameOf(expression), null),
    };

    private static string NameOf(Expression expression) => expression switch
    {
        Symbol symbol => symbol.Name,
        Literal { Value: var value } => value.Kind switch
        {
            ValueKind.Text => value.Text,
            ValueKind.Number => JsNumber.ToText(value.Number),
            ValueKind.Boolean => value.Boolean ? "true" : "false",
            _ => "null",
        },
        PatternLiteral pattern => new PatternValue(pattern.Pattern).ToString(),
        _ => "undefined",
    };

    /// <summary>Equality binds looser than order, as in JavaScript and unlike Python.</summary>
    private Expression Comparing() => Compared(() => Compared(Sum, s_relations), s_equalities);

    private Expression Compared(Func<Expression> operand, Dictionary<string, ComparisonOperator> operators)
    {
        var first = operand();
        var links = new List<ComparisonLink>();
        while (Now.Kind == TokenKind.Operator && operators.TryGetValue(Now.Text, out var @operator))
        {
            _at++;
            links.Add(new ComparisonLink(@operator, operand()));
        }

        return links.Count == 0 ? first : counter.Count(new Comparison(first.Position, first, links));
    }

    private Expression Sum()
    {
        var left = Product();
        while (true)
        {
            BinaryOperator? @operator = Take("+") ? BinaryOperator.Add : Take("-") ? BinaryOperator.Subtract : Take("~") ? BinaryOperator.Concatenate : null;
            if (@operator is null)
            {
                return left;
            }

            left = Combined(@operator.Value, left, Product());
        }
    }

    /// <summary>
    /// <c>*</c>, <c>/</c> and <c>%</c> group from the left, all alike; but a run of <c>//</c> and <c>%</c> that has at
    /// least one <c>//</c> is an operand of its own.
    /// </summary>
    private Expression Product()
    {
        var (left, remainders) = FlooredRun();
        left = WithRemainders(left, remainders);
        while (true)
        {
            BinaryOperator? @operator = Take("*") ? BinaryOperator.Multiply : Take("/") ? BinaryOperator.Divide : null;
            if (@operator is null)
            {
                return left;
            }

            var (right, more) = FlooredRun();
            left = WithRemainders(Combined(@operator.Value, left, right), more);
        }
    }

    private (Expression First, List<Expression> Remainders) FlooredRun()
    {
        var (first, remainders) = RemainderRun();
        while (Take("//"))
        {
            var (divisor, more) = RemainderRun();
            var quotient = Combined(BinaryOperator.Divide, WithRemainders(first, remainders), divisor);
            quotient = WithRemainders(quotient, more);
            (first, remainders) = (counter.Count(new Unary(quotient.Position, UnaryOperator.Floor, quotient)), []);
        }

        return (first, remainders);
    }

    private (Expression First, List<Expression> Remainders) RemainderRun()
    {
        var first = Power();
        var remainders = new List<Expression>();
        while (Take("%"))
        {
            remainders.Add(Power());
        }

        return (first, remainders);
    }

    private Expression WithRemainders(Expression left, List<Expression> divisors) =>
        divisors.Aggregate(left, (dividend, divisor) => Combined(BinaryOperator.Remainder, dividend, divisor));

    private Expression Power()
    {
        var left = Piped();
        while (Take("**"))
        {
            left = Combined(BinaryOperator.Power, left, Piped());
        }

        return left;
    }

    private Expression Combined(BinaryOperator @operator, Expression left, Expression right) => counter.Count<Expression>(new Binary(left.Position, @operator, left, right));

    private Expression Piped()
    {
        var expression = Signed();
        while (Take("|"))
        {
            expression = Filter(expression);
        }

        return expression;
    }

    private Expression Signed()
    {
        var position = Now.Start;
        foreach (var (sign, @operator) in new[] { ("-", UnaryOperator.Minus), ("+", UnaryOperator.Plus) })
        {
            if (Take(sign))
            {
                var operand = Nested(Signed);
                return operand is Unary unary && unary.Operator == @operator
                    ? throw TemplateFault.Syntax($"'{sign}{sign}' is not a sign; use parentheses", position)
                    : counter.Count(new Unary(position, @operator, operand));
            }
        }

        return Postfix();
    }

    private Expression Postfix()
    {
        var expression = Primary();
        while (true)
        {
            if (Take("."))
            {
                var key = Allowed(Expect(TokenKind.Name, "the name of a member"));
                expression = counter.Count(new Member(key.Start, expression, counter.Count(new Literal(key.Start, Value.Of(key.Text)))));
            }
            else if (Take("["))
            {
                var target = expression;
                expression = Nested(() => Subscript(target));
            }
            else if (Take("("))
            {
                expression = counter.Count(new Call(expression.Position, expression, Nested(ArgumentsAfterParenthesis)));
            }
            else
            {
                return expression;
            }
        }
    }

    private Expression Subscript(Expression target)
    {
        var position = Now.Start;
        var first = Bound();
        if (!Take(":"))
        {
            Expect("]");
            if (first is Literal { Value.Kind: ValueKind.Text } literal)
            {
                Allowed(literal.Value.Text, literal.Position);
            }

            return counter.Count(new Member(position, target, first ?? throw Fault("expected an index or a name", Now)));
        }

        var stop = Bound();
        var step = Take(":") ? Bound() : null;
        Expect("]");
        return counter.Count(new Slice(position, target, first ?? None(), stop ?? None(), step ?? counter.Count(new Literal(position, Value.Of(1)))));

        Expression? Bound() => Now.Is(":") || Now.Is("]") ? null : Inline();
        Literal None() => counter.Count(new Literal(position, Value.Null));
    }

    private Expression Primary()
    {
        var token = Now;
        switch (token.Kind)
        {
            case TokenKind.Number:
                _at++;
                return counter.Count(new Literal(token.Start, Value.Of(double.Parse(token.Text, CultureInfo.InvariantCulture))));
            case TokenKind.Text:
                _at++;
                return counter.Count(new Literal(token.Start, Value.Of(token.Text)));
            case TokenKind.Pattern:
                _at++;
                return counter.Count(new PatternLiteral(token.Start, PatternScanner.Read(source, token.Start, token.End)));
            case TokenKind.Name:
                _at++;
                return NamedValue(token);
        }

        if (Take("("))
        {
            var items = Nested(() => Items(")"));
            return items.Count == 0 ? throw Fault("there is nothing in these parentheses", token) : counter.Count(new Group(token.Start, items));
        }

        if (Take("["))
        {
            return counter.Count(new ArrayLiteral(token.Start, Nested(() => Items("]"))));
        }

        return Take("{") ? counter.Count(new RecordLiteral(token.Start, Nested(Members))) : throw Fault($"expected a value and found {token.Shown}", token);
    }

    private Expression NamedValue(Token token)
    {
        Value? literal = token.Text switch
        {
            "true" => Value.Of(true),
            "false" => Value.Of(false),
            "none" or "null" => Value.Null,
            _ => null,
        };
        return literal is null ? SymbolOf(token) : counter.Count(new Literal(token.Start, literal.Value));
    }

    private List<Expression> Items(string close)
    {
        var items = new List<Expression>();
        if (Take(close))
        {
            return items;
        }

        do
        {
            items.Add(Inline());
        }
        while (Take(","));
        Expect(close);
        return items;
    }

    private List<NamedExpression> Members()
    {
        var members = new List<NamedExpression>();
        if (Take("}"))
        {
            return members;
        }

        do
        {
            var key = Now;
            if (key.Kind is not (TokenKind.Name or TokenKind.Text) || IsLiteral(key))
            {
                throw Fault($"the keys of a record are names or texts, not {key.Shown}", key);
            }

            _at++;
            Allowed(key);
            Expect(":");
            members.Add(new NamedExpression(key.Text, Inline()));
        }
        while (Take(","));
        Expect("}");
        return members;
    }

    private Arguments ArgumentsAfterParenthesis()
    {
        if (Take(")"))
        {
            return Arguments.None;
        }

        var (positional, named) = (new List<Expression>(), new List<NamedExpression>());
        do
        {
            if (Now.Kind == TokenKind.Name && _tokens[_at + 1].Is("="))
            {
                var name = Allowed(Now).Text;
                _at += 2;
                named.Add(new NamedExpression(name, Inline()));
            }
            else
            {
                positional.Add(Inline());
            }
        }
        while (Take(","));
        Expect(")");
        return new Arguments(positional, named);
    }

    private T Nested<T>(Func<T> read)
    {
        counter.Enter(Now.Start);
        var result = read();
        counter.Leave();
        return result;
    }

    private Symbol SymbolOf(Token token) => counter.Count(new Symbol(token.Start, Allowed(token).Text));

    private static bool IsLiteral(Token token) => token.Kind == TokenKind.Name && token.Text is "true" or "false" or "null" or "none";

    private static Token Allowed(Token token)
    {
        Allowed(token.Text, token.Start);
        return token;
    }

    private static void Allowed(string name, int position)
    {
        if (Names.IsReserved(name))
        {
            throw TemplateFault.Syntax($"the name '{name}' is reserved", position);
        }
    }

    private static TemplateFault Fault(string message, Token token) => TemplateFault.Syntax(message, token.Start);
}
