namespace AdaptiveKv.Inference.Templates;

/// <summary>
/// Text that knows of each character whether the template spelled it or the conversation: only what the template spells can be a control token, so that
/// no message can end its own turn.
/// </summary>
internal sealed class MarkedText : IEquatable<MarkedText>
{
    private const char OfTemplateMark = 't';
    private const char OfConversationMark = 'c';

    private readonly string marks;

    private MarkedText(string value, string marks) => (Value, this.marks) = (value, marks);

    /// <summary>No text.</summary>
    public static MarkedText Empty { get; } = new(string.Empty, string.Empty);

    /// <summary>The characters.</summary>
    public string Value { get; }

    /// <summary>Whether the conversation spelled a character, by character.</summary>
    public bool[] IsForeign => [.. marks.Select(mark => mark == OfConversationMark)];

    /// <summary>A part of it.</summary>
    public MarkedText this[Range range] => new(Value[range], marks[range]);

    /// <summary>One after the other.</summary>
    public static MarkedText operator +(MarkedText left, MarkedText right) => new(left.Value + right.Value, left.marks + right.marks);

    /// <summary>Spelled by the template.</summary>
    public static MarkedText OfTemplate(string value) => new(value, new string(OfTemplateMark, value.Length));

    /// <summary>Spelled by the conversation.</summary>
    public static MarkedText OfConversation(string value) => new(value, new string(OfConversationMark, value.Length));

    /// <summary>All of them, one after the other.</summary>
    public static MarkedText Join(IReadOnlyCollection<MarkedText> parts) =>
        new(string.Concat(parts.Select(part => part.Value)), string.Concat(parts.Select(part => part.marks)));

    /// <summary>Other characters in the places of these ones.</summary>
    /// <param name="value">As many characters.</param>
    public MarkedText With(string value) => new(value, marks);

    /// <summary>Whether it begins with another one, spelled by the same.</summary>
    public bool StartsWith(MarkedText other) =>
        Value.StartsWith(other.Value, StringComparison.Ordinal) && marks.StartsWith(other.marks, StringComparison.Ordinal);

    /// <summary>Whether the characters are the same, whoever spelled them.</summary>
    public bool Equals(MarkedText? other) => Value == other?.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MarkedText);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
