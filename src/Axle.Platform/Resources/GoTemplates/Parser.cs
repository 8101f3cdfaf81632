namespace Axle.Platform.Resources.GoTemplates;

/// <summary>Makes the tree of a template. What Go finds while parsing (unknown functions and variables among it) is found here too.</summary>
internal sealed class Parser(IReadOnlyList<Token> tokens)
{
    private static readonly string[] s_keywords = ["if", "else", "end", "range", "with", "define", "template", "block", "break", "continue"];

    private readonly Dictionary<string, IReadOnlyList<Node>> _templates = new(StringComparer.Ordinal);
    private readonly List<(int At, string Name)> _called = [];
    private List<string> _variables = ["$"];
    private int _next;
    private int _depth;
    private int _ranges;

    /// <summary>Every template of a source by its name; the source's own is "".</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Node>> Parse(string source)
    {
        if (source.Length > Work.SourceMax)
        {
            throw new TemplateException($"the template is too big: {source.Length} characters, and at most {Work.SourceMax} are read", 0);
        }

        var parser = new Parser(Lexer.Read(source));
        parser._templates[""] = parser.Nodes(null, out _);
        foreach (var (at, name) in parser._called.Where(call => !parser._templates.ContainsKey(call.Name)))
        {
            throw new TemplateException($"there is no template \"{Workloads.Field.Shorten(name)}\"", at);
        }

        return parser._templates;
    }

    // Up to {{end}} or {{else}}, whose word was consumed, or to the end of the source where nothing is open.
    private List<Node> Nodes(Token? opened, out bool stoppedAtElse)
    {
        Deeper(opened?.At ?? 0);
        var nodes = new List<Node>();
        stoppedAtElse = false;
        while (true)
        {
            var token = tokens[_next++];
            switch (token.Kind)
            {
                case TokenKind.Text:
                    nodes.Add(new TextNode(token.At, token.Text));
                    continue;
                case TokenKind.End when opened is null:
                    _depth--;
                    return nodes;
                case TokenKind.End:
                    throw new TemplateException($"{{{{{opened.Text}}}}} has no {{{{end}}}}", opened.At);
            }

            SkipSpace();
            var word = Peek is { Kind: TokenKind.Word } keyword && s_keywords.Contains(keyword.Text) ? keyword : null;
            if (word?.Text is "end" or "else")
            {
                if (opened is null)
                {
                    throw new TemplateException($"{{{{{word.Text}}}}} closes nothing", word.At);
                }

                _next++;
                stoppedAtElse = word.Text == "else";
                _depth--;
                return nodes;
            }

            if (word is null)
            {
                nodes.Add(new ActionNode(token.At, ReadPipeline(TokenKind.Close, variablesMax: 1)));
            }
            else if (Control(word) is { } node)
            {
                nodes.Add(node);
            }
        }
    }

    private Node? Control(Token word)
    {
        _next++;
        switch (word.Text)
        {
            case "if":
                return Branch(word, (pipeline, then, other) => new IfNode(word.At, pipeline, then, other));
            case "with":
                return Branch(word, (pipeline, then, other) => new WithNode(word.At, pipeline, then, other));
            case "range":
                return Branch(word, (pipeline, then, other) => new RangeNode(word.At, pipeline, then, other));
            case "template":
                return Call(word);
            case "block":
                return Block(word);
            case "define":
                Define(word);
                return null;
            default:
                if (_ranges == 0)
                {
                    throw new TemplateException($"{{{{{word.Text}}}}} stands outside of any range", word.At);
                }

                Close(word);
                return new LeaveNode(word.At, word.Text == "continue");
        }
    }

    private Node Branch(Token word, Func<Pipeline, IReadOnlyList<Node>, IReadOnlyList<Node>, Node> make)
    {
        var mark = _variables.Count;
        var pipeline = ReadPipeline(TokenKind.Close, word.Text == "range" ? 2 : 1);
        _ranges += word.Text == "range" ? 1 : 0;
        var then = Nodes(word, out var hasElse);
        _ranges -= word.Text == "range" ? 1 : 0;
        IReadOnlyList<Node> other = [];
        if (hasElse)
        {
            SkipSpace();
            if (Peek is { Kind: TokenKind.Word } again && again.Text == word.Text && word.Text is "if" or "with")
            {
                // {{else if}} is an if inside the else, and both end at the same {{end}}.
                _next++;
                Deeper(again.At);
                other = [Branch(again, make)];
                _depth--;
                _variables.RemoveRange(mark, _variables.Count - mark);
                return make(pipeline, then, other);
            }

            Close(word);
            other = Nodes(word, out var second);
            if (second)
            {
                throw new TemplateException($"{{{{{word.Text}}}}} has a second {{{{else}}}}", word.At);
            }
        }

        Close(word);
        _variables.RemoveRange(mark, _variables.Count - mark);
        return make(pipeline, then, other);
    }

    private CallNode Call(Token word)
    {
        var name = Name(word);
        SkipSpace();
        var pipeline = Peek.Kind == TokenKind.Close ? null : ReadPipeline(TokenKind.Close, variablesMax: 0);
        if (pipeline is null)
        {
            Close(word);
        }

        _called.Add((word.At, name));
        return new CallNode(word.At, name, pipeline);
    }

    private CallNode Block(Token word)
    {
        var name = Name(word);
        var pipeline = ReadPipeline(TokenKind.Close, variablesMax: 0);
        Body(word, name);
        return new CallNode(word.At, name, pipeline);
    }

    private void Define(Token word)
    {
        if (_depth > 1)
        {
            throw new TemplateException("{{define}} stands inside of something else", word.At);
        }

        var name = Name(word);
        Close(word);
        Body(word, name);
    }

    // A template of its own knows no variable of its surroundings.
    private void Body(Token word, string name)
    {
        var (outer, ranges) = (_variables, _ranges);
        (_variables, _ranges) = (["$"], 0);
        var nodes = Nodes(word, out var hasElse);
        if (hasElse)
        {
            throw new TemplateException($"{{{{{word.Text}}}}} has no {{{{else}}}}", word.At);
        }

        Close(word);
        (_variables, _ranges) = (outer, ranges);
        if (name.Length == 0 || !_templates.TryAdd(name, nodes))
        {
            throw new TemplateException(name.Length == 0 ? "a template needs a name" : $"there are two templates \"{Workloads.Field.Shorten(name)}\"", word.At);
        }
    }

    private string Name(Token word)
    {
        SkipSpace();
        return tokens[_next++] is { Kind: TokenKind.Literal, Value: string name } ? name : throw new TemplateException($"{{{{{word.Text}}}}} needs a name in quotes", word.At);
    }

    private void Close(Token word)
    {
        SkipSpace();
        if (tokens[_next++] is { Kind: not TokenKind.Close } other)
        {
            throw new TemplateException($"{other} is not expected after {{{{{word.Text}}}}}", other.At);
        }
    }

    // Up to and with its end: }} or ).
    private Pipeline ReadPipeline(TokenKind end, int variablesMax)
    {
        SkipSpace();
        var at = Peek.At;
        Deeper(at);
        var (variables, sets) = Declarations(variablesMax);
        var commands = new List<GoCommand>();
        while (true)
        {
            SkipSpace();
            var token = Peek;
            if (token.Kind == end)
            {
                _next++;
                break;
            }

            commands.Add(ReadCommand(end));
        }

        if (commands.Count == 0)
        {
            throw new TemplateException("there is no value here", at);
        }

        foreach (var later in commands.Skip(1).Where(c => c.Operands[0] is LiteralOperand or DotOperand))
        {
            throw new TemplateException("what stands after a | must be a function", later.At);
        }

        if (!sets)
        {
            _variables.AddRange(variables);
        }

        _depth--;
        return new Pipeline(at, variables, sets, commands);
    }

    private (IReadOnlyList<string> Names, bool Sets) Declarations(int max)
    {
        var names = new List<string>();
        var start = _next;
        while (Peek is { Kind: TokenKind.Variable } variable)
        {
            _next++;
            SkipSpace();
            names.Add(variable.Text);
            if (Peek.Kind == TokenKind.Comma && names.Count < max)
            {
                _next++;
                SkipSpace();
                continue;
            }

            if (Peek.Kind is not (TokenKind.Declare or TokenKind.Assign))
            {
                break;
            }

            var sets = tokens[_next++].Kind == TokenKind.Assign;
            if (names.Count > max)
            {
                throw new TemplateException("no variable can be declared here", variable.At);
            }

            if (sets && names.FirstOrDefault(name => !_variables.Contains(name)) is { } unknown)
            {
                throw new TemplateException($"the variable {unknown} is not declared", variable.At);
            }

            return (names, sets);
        }

        _next = start;
        return ([], false);
    }

    private GoCommand ReadCommand(TokenKind end)
    {
        var at = Peek.At;
        var operands = new List<Operand>();
        while (true)
        {
            SkipSpace();
            var token = Peek;
            if (token.Kind == TokenKind.Pipe && operands.Count > 0)
            {
                _next++;
                SkipSpace();
                if (Peek.Kind == end || Peek.Kind == TokenKind.Pipe)
                {
                    throw new TemplateException("a function is missing after |", token.At);
                }

                return Made(at, operands);
            }

            if (token.Kind == end && operands.Count > 0)
            {
                return Made(at, operands);
            }

            operands.Add(ReadOperand());
            if (Peek.Kind != end && Peek.Kind is not (TokenKind.Space or TokenKind.Pipe))
            {
                throw new TemplateException($"{Peek} is not expected here", Peek.At);
            }
        }
    }

    // nil is an argument only.
    private static GoCommand Made(int at, IReadOnlyList<Operand> operands) =>
        operands is [LiteralOperand { Value: null }, ..] ? throw new TemplateException("nil is no value by itself", at) : new GoCommand(at, operands);

    private Operand ReadOperand()
    {
        var token = tokens[_next++];
        switch (token.Kind)
        {
            case TokenKind.Dot:
                return new DotOperand(token.At);
            case TokenKind.Literal:
                return new LiteralOperand(token.At, token.Value);
            case TokenKind.Field:
                return new FieldOperand(token.At, [token.Text, .. Fields()]);
            case TokenKind.Variable:
                return _variables.Contains(token.Text)
                    ? new VariableOperand(token.At, token.Text, Fields())
                    : throw new TemplateException($"the variable {token.Text} is not declared", token.At);
            case TokenKind.Word:
                return new FunctionOperand(token.At, Functions.Find(token.Text) ?? throw new TemplateException(Functions.WhyNot(token.Text), token.At));
            case TokenKind.LeftParenthesis:
                // What is declared inside stays visible until the end of the block, as in Go.
                var pipeline = ReadPipeline(TokenKind.RightParenthesis, variablesMax: 1);
                return new GroupOperand(token.At, pipeline, Fields());
            default:
                throw new TemplateException($"{token} is not expected here", token.At);
        }
    }

    private List<string> Fields()
    {
        var fields = new List<string>();
        while (Peek.Kind == TokenKind.Field)
        {
            fields.Add(tokens[_next++].Text);
        }

        return fields;
    }

    private Token Peek => tokens[_next];

    private void SkipSpace()
    {
        while (Peek.Kind == TokenKind.Space)
        {
            _next++;
        }
    }

    private void Deeper(int at)
    {
        if (++_depth > Work.DepthMax)
        {
            throw new TemplateException($"actions and parentheses are nested deeper than {Work.DepthMax}", at);
        }
    }
}
