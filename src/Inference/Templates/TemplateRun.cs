using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Templates;

/// <summary>One rendering of a template: what is written, the line it is at, and the work it has left.</summary>
/// <param name="path">The model's file, for errors.</param>
internal sealed class TemplateRun(string path)
{
    // Characters moved and steps taken: four times what a conversation of a hundred thousand tokens needs, and below a second and 64 MB.
    private const long MostWork = 20_000_000;

    /// <summary>What an element of a list counts: it takes memory, too.</summary>
    public const int ElementWork = 16;

    private const int MostCalls = 16;

    private List<MarkedText> written = [];
    private long work;
    private int calls;

    /// <summary>Line of the statement that runs.</summary>
    public int Line { get; set; }

    /// <summary>A fault of that statement.</summary>
    public ModelFormatException Fault(string problem) => TokenCursor.Fault(path, Line, problem);

    /// <summary>Writes.</summary>
    public void Write(MarkedText text) => written.Add(Made(text));

    /// <summary>Counts a text that was made.</summary>
    public MarkedText Made(MarkedText text)
    {
        Spend(1 + text.Value.Length);
        return text;
    }

    /// <summary>What a part of the template writes, aside.</summary>
    public MarkedText Aside(Action part)
    {
        List<MarkedText> outside = written;
        written = [];
        part();
        MarkedText text = MarkedText.Join(written);
        written = outside;
        return Made(text);
    }

    /// <summary>Calls a macro, which may call itself.</summary>
    public MarkedText Call(Action body)
    {
        if (++calls > MostCalls)
        {
            throw Fault($"more than {MostCalls} macros call each other");
        }

        MarkedText text = Aside(body);
        calls--;
        return text;
    }

    /// <summary>Counts steps.</summary>
    public void Spend(long steps)
    {
        work += steps;
        if (work > MostWork)
        {
            throw Fault("the template does not come to an end: a loop is too long, or a text too large");
        }
    }
}
