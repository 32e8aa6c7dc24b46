using System.Text;

namespace AdaptiveKv.Inference;

/// <summary>
/// Ends a growing text before the first of the texts that stop it. What may be the beginning of one is held back until it is known not to be.
/// </summary>
/// <param name="stops">None of them empty.</param>
internal sealed class StopText(IReadOnlyList<string> stops)
{
    private readonly StringBuilder held = new();

    /// <summary>Whether a stop text was met; nothing more comes out then.</summary>
    public bool Met { get; private set; }

    /// <summary>Adds text.</summary>
    /// <returns>What can be shown.</returns>
    public string Append(ReadOnlySpan<char> text)
    {
        string all = held.Append(text).ToString();
        held.Clear();
        int end = stops.Select(stop => all.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(-1).Min();
        Met |= end >= 0;
        if (Met)
        {
            return end >= 0 ? all[..end] : string.Empty;
        }

        int shown = all.Length - stops.Select(stop => Beginning(all, stop)).DefaultIfEmpty(0).Max();
        held.Append(all.AsSpan(shown));
        return all[..shown];
    }

    /// <summary>What was held back at the end of the text.</summary>
    public string Flush()
    {
        string rest = Met ? string.Empty : held.ToString();
        held.Clear();
        return rest;
    }

    /// <summary>Length of the longest beginning of <paramref name="stop"/> that the text ends with.</summary>
    private static int Beginning(string text, string stop)
    {
        int length = Math.Min(text.Length, stop.Length - 1);
        while (length > 0 && !text.EndsWith(stop[..length], StringComparison.Ordinal))
        {
            length--;
        }

        return length;
    }
}
