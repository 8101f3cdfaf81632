namespace Axle.Platform.Resources.GoTemplates;

internal enum TokenKind
{
    /// <summary>Between actions, already trimmed.</summary>
    Text,

    /// <summary>Opens an action.</summary>
    Open,

    /// <summary>Closes it.</summary>
    Close,

    /// <summary>A function or a keyword.</summary>
    Word,

    /// <summary><c>.Name</c>; its text is the name.</summary>
    Field,

    /// <summary><c>$name</c>, or <c>$</c>.</summary>
    Variable,
    Dot,

    /// <summary>A number, text, character, boolean or nil; see <see cref="Token.Value"/>.</summary>
    Literal,
    Pipe,
    LeftParenthesis,
    RightParenthesis,
    Assign,
    Declare,
    Comma,
    Space,
    End,
}

/// <param name="At">Offset in the source.</param>
/// <param name="Value">What a literal means.</param>
internal sealed record Token(TokenKind Kind, int At, string Text, object? Value = null)
{
    /// <summary>As a message names it.</summary>
    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.Close => "}}",
        TokenKind.Space => "a space",
        TokenKind.Field => $".{Text}",
        _ => $"'{Workloads.Field.Shorten(Text)}'",
    };
}
