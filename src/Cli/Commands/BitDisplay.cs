using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using Spectre.Console;

namespace AdaptiveKv.Cli.Commands;

/// <summary>
/// Shows text with the precision its tokens are kept in. A token's tier is known one step after its text, so the text waits that long: on a
/// screen it is then coloured from red (2 bits) to blue (16), elsewhere its bits follow it in brackets.
/// </summary>
/// <param name="terminal">Where it is shown.</param>
/// <param name="cache">Of the tokens.</param>
internal sealed class BitDisplay(Terminal terminal, PackedKvCache cache)
{
    private readonly Queue<(int Position, string Text)> waiting = new();

    /// <summary>Takes the text of a token before it is run, and shows what has got its tier.</summary>
    /// <param name="text">Its text; empty while a character is not whole.</param>
    public void Show(string text)
    {
        while (waiting.TryPeek(out (int Position, string Text) first) && first.Position < cache.Count - cache.Staged)
        {
            waiting.Dequeue();
            KvTier tier = cache.TierAt(first.Position);
            if (terminal.OutputScreen is { } screen)
            {
                screen.Write(new Text(VisibleText.Of(first.Text), new Style(ColorOf(tier))));
            }
            else
            {
                terminal.Data.Write($"{first.Text}[{tier}]");
            }
        }

        terminal.Data.Flush();
        waiting.Enqueue((cache.Count, text));
    }

    /// <summary>Shows what never got a tier.</summary>
    public void End()
    {
        foreach ((_, string text) in waiting)
        {
            terminal.Data.Write(text);
        }
    }

    private static Color ColorOf(KvTier tier) => Math.Min((int)tier.Keys, (int)tier.Values) switch
    {
        0 => Color.Grey,
        2 => Color.Red,
        3 => Color.Orange1,
        4 => Color.Yellow,
        8 => Color.Green,
        _ => Color.Blue,
    };
}
