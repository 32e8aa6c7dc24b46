using System.Text;

namespace AdaptiveKv.Cli;

/// <summary>Writes text for people: everything passes through <see cref="VisibleText"/>.</summary>
internal sealed class VisibleWriter : TextWriter
{
    private readonly TextWriter inner;

    private VisibleWriter(TextWriter inner)
        : base(inner.FormatProvider) => this.inner = inner;

    public override Encoding Encoding => inner.Encoding;

    /// <summary>Writes to another writer, which stays its owner's.</summary>
    public static TextWriter Over(TextWriter inner) => new VisibleWriter(inner);

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value) => inner.Write(VisibleText.Of(value ?? string.Empty));

    // In one piece: lines of several threads do not mix.
    public override void WriteLine(string? value) => Write(value + inner.NewLine);

    public override void Flush() => inner.Flush();
}
