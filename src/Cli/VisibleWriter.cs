using System.Text;

namespace AdaptiveKv.Cli;

/// <summary>Writes text for people: everything passes through <see cref="VisibleText"/>.</summary>
internal sealed class VisibleWriter : TextWriter
{
    private readonly TextWriter inner;
    private readonly bool mayLose;

    private VisibleWriter(TextWriter inner, bool mayLose)
        : base(inner.FormatProvider) => (this.inner, this.mayLose) = (inner, mayLose);

    public override Encoding Encoding => inner.Encoding;

    /// <summary>Writes to another writer, which stays its owner's.</summary>
    /// <param name="inner">The writer.</param>
    /// <param name="mayLose">Whether what cannot be written is let go: no work ends because its log is on a full disk.</param>
    public static TextWriter Over(TextWriter inner, bool mayLose = false) => new VisibleWriter(inner, mayLose);

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value)
    {
        try
        {
            inner.Write(VisibleText.Of(value ?? string.Empty));
        }
        catch (IOException) when (mayLose)
        {
            return;
        }
    }

    // In one piece: lines of several threads do not mix.
    public override void WriteLine(string? value) => Write(value + inner.NewLine);

    public override void Flush() => inner.Flush();
}
