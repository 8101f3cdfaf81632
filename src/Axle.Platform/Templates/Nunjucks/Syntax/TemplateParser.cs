namespace Axle.Platform.Templates.Nunjucks;

/// <summary>
/// Reads a whole template. Everything is checked before anything runs: a template that is wrong in its last line writes
/// nothing at all.
/// </summary>
internal sealed class TemplateParser
{
    private static readonly string[] s_loading = ["include", "import", "from", "extends"];

    private readonly string _source;
    private readonly IReadOnlyList<Piece> _pieces;
    private readonly NodeCounter _counter;
    private readonly Dictionary<string, int> _blocks = new(StringComparer.Ordinal);
    private int _at;
    private int _captures;

    private TemplateParser(string source, SyntaxOptions options, RenderLimits limits)
    {
        _source = source;
        _pieces = new Scanner(source, options).Scan();
        _counter = new NodeCounter(limits);
    }

    /// <exception cref="TemplateFault">It is no template, or too large a one.</exception>
    public static Body Parse(string source, SyntaxOptions options, RenderLimits limits)
    {
        if (source.Length > limits.SourceMax)
        {
            throw TemplateFault.Limit($"the template has more than {limits.SourceMax} characters", 0);
        }

        return new TemplateParser(source, options, limits).BodyUntil(null).Body;
    }

    /// <summary>Statements up to one of these tags; up to the end of the template where there is no opening tag.</summary>
    private (Body Body, Piece Stop) BodyUntil(Piece? opening, params string[] stops)
    {
        _counter.Enter(opening?.Position ?? 0);
        var statements = new List<Statement>();
        while (_at < _pieces.Count)
        {
            var piece = _pieces[_at++];
            if (piece.Kind != PieceKind.Tag)
            {
                statements.Add(_counter.Count<Statement>(piece.Kind == PieceKind.Text ? new TextOutput(piece.Position, piece.Text) : new Output(piece.Position, Code(piece).Whole())));
                continue;
            }

            var name = TagReader.NameOf(_source, piece);
            if (stops.Contains(name))
            {
                _counter.Leave();
                return (new Body(statements), piece);
            }

            statements.Add(_counter.Count(Tag(name, piece, stops)));
        }

        if (opening is { } unclosed)
        {
            throw TemplateFault.Syntax($"'{TagReader.NameOf(_source, unclosed)}' is never closed; expected {string.Join(" or ", stops)}", unclosed.Position);
        }

        _counter.Leave();
        return (new Body(statements), default);
    }

    private Statement Tag(string name, Piece tag, string[] stops) => name switch
    {
        "if" => If(tag),
        "for" => For(tag),
        "set" => Set(tag),
        "macro" => Macro(tag),
        "call" => CallBlock(tag),
        "filter" => FilterBlock(tag),
        "block" => Block(tag),
        "switch" => Switch(tag),
        "" => throw TemplateFault.Syntax("this tag has no name", tag.Position),
        _ when s_loading.Contains(name) => throw TemplateFault.Syntax($"'{name}' loads other templates, which templates here cannot do", tag.Position),
        _ => throw TemplateFault.Syntax($"'{name}' is no tag, or not at this place{(stops.Length == 0 ? "" : $"; expected {string.Join(" or ", stops)}")}", tag.Position),
    };

    private If If(Piece tag)
    {
        var branches = new List<Branch>();
        for (var opening = tag; ;)
        {
            var condition = Code(opening).Whole();
            var (body, stop) = BodyUntil(tag, "elif", "elseif", "else", "endif");
            branches.Add(new Branch(condition, body));
            switch (TagReader.NameOf(_source, stop))
            {
                case "endif":
                    Bare(stop);
                    return new If(tag.Position, branches, null);
                case "else":
                    return new If(tag.Position, branches, Rest(tag, stop, "endif"));
                default:
                    opening = stop;
                    break;
            }
        }
    }

    private For For(Piece tag)
    {
        var code = Code(tag);
        var targets = code.Targets();
        if (!code.TakeSpacedName("in"))
        {
            throw TemplateFault.Syntax("a loop is 'for name in list'", tag.Position);
        }

        if (targets is [{ Name: "loop" }])
        {
            throw TemplateFault.Syntax("a loop cannot name its element 'loop'; that name tells where the loop is", tag.Position);
        }

        var sequence = code.Whole();
        var (body, stop) = BodyUntil(tag, "else", "endfor");
        var otherwise = TagReader.NameOf(_source, stop) == "else" ? Rest(tag, stop, "endfor") : null;
        if (otherwise is null)
        {
            Bare(stop);
        }

        return new For(tag.Position, targets, sequence, body, otherwise);
    }

    private Set Set(Piece tag)
    {
        var code = Code(tag);
        var targets = code.Targets();
        if (code.Take("="))
        {
            return new Set(tag.Position, targets, code.Whole());
        }

        code.End();
        return new Set(tag.Position, targets, Captured(tag, "endset"));
    }

    private MacroDefinition Macro(Piece tag)
    {
        if (_captures > 0)
        {
            throw TemplateFault.Syntax("a macro cannot be declared inside a set or filter block", tag.Position);
        }

        var code = Code(tag);
        var name = code.Targets() is [var only] ? only : throw TemplateFault.Syntax("a macro has one name", tag.Position);
        code.Expect("(");
        var (formals, defaults) = code.Signature();
        code.End();
        return new MacroDefinition(tag.Position, name, formals, defaults, Rest(tag, null, "endmacro"));
    }

    private CallBlock CallBlock(Piece tag)
    {
        var code = Code(tag);
        var (formals, defaults) = code.Take("(") ? code.Signature() : ([], []);
        if (code.Whole() is not Call call || !IsStatic(call.Target))
        {
            throw TemplateFault.Syntax("a call block calls a macro by its name", tag.Position);
        }

        var caller = new MacroDefinition(tag.Position, new Symbol(tag.Position, "caller"), formals, defaults, Rest(tag, null, "endcall"));
        return new CallBlock(tag.Position, call, _counter.Count(caller));
    }

    private Output FilterBlock(Piece tag)
    {
        var code = Code(tag);
        var filter = code.Filter(new Literal(tag.Position, Value.Undefined));
        code.End();
        return new Output(tag.Position, filter with { Input = Captured(tag, "endfilter") });
    }

    private Block Block(Piece tag)
    {
        var code = Code(tag);
        var name = code.Targets() is [var only] ? only.Name : throw TemplateFault.Syntax("a block has one name", tag.Position);
        code.End();
        if (!_blocks.TryAdd(name, tag.Position))
        {
            throw TemplateFault.Syntax($"the block '{name}' is declared twice; first in line {SourceText.Place(_source, _blocks[name]).Line}", tag.Position);
        }

        var (body, stop) = BodyUntil(tag, "endblock");
        var closing = _source[TagReader.Rest(_source, stop)..stop.End];
        return closing.Length == 0 || closing == name
            ? new Block(tag.Position, name, body)
            : throw TemplateFault.Syntax($"'endblock' closes the block '{name}', not '{closing}'", stop.Position);
    }

    private Switch Switch(Piece tag)
    {
        var subject = Code(tag).Whole();
        var (before, stop) = BodyUntil(tag, "case", "default", "endswitch");
        if (before.Statements.Count > 0)
        {
            throw TemplateFault.Syntax("a switch has nothing before its first case, not even a line end; write '-%}'", before.Statements[0].Position);
        }

        var cases = new List<Case>();
        while (TagReader.NameOf(_source, stop) == "case")
        {
            var condition = Code(stop).Whole();
            (var body, stop) = BodyUntil(tag, "case", "default", "endswitch");
            cases.Add(new Case(condition, body));
        }

        var otherwise = TagReader.NameOf(_source, stop) == "default" ? Rest(tag, stop, "endswitch") : null;
        if (otherwise is null)
        {
            Bare(stop);
        }

        return cases.Count == 0 && otherwise is null
            ? throw TemplateFault.Syntax("a switch has at least one case or a default", tag.Position)
            : new Switch(tag.Position, subject, cases, otherwise);
    }

    /// <summary>The last part of a statement, behind a tag that takes nothing, up to one that takes nothing either.</summary>
    private Body Rest(Piece opening, Piece? divider, string end)
    {
        if (divider is { } tag)
        {
            Bare(tag);
        }

        var (body, stop) = BodyUntil(opening, end);
        Bare(stop);
        return body;
    }

    private Capture Captured(Piece tag, string end)
    {
        _captures++;
        var body = Rest(tag, null, end);
        _captures--;
        return _counter.Count(new Capture(tag.Position, body));
    }

    private void Bare(Piece tag)
    {
        if (TagReader.Rest(_source, tag) < tag.End)
        {
            throw TemplateFault.Syntax($"'{TagReader.NameOf(_source, tag)}' takes nothing after its name", tag.Position);
        }
    }

    private ExpressionParser Code(Piece piece) =>
        new(_source, piece.Kind == PieceKind.Tag ? TagReader.Rest(_source, piece) : piece.Start, piece.End, _counter);

    private static bool IsStatic(Expression target) =>
        target is Symbol || (target is Member { Key: Literal, Target: var inner } && IsStatic(inner));
}
