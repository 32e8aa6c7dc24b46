using System.Text;
using Spectre.Console;

namespace AdaptiveKv.Cli;

/// <summary>
/// What a command works with besides its arguments: results go to <see cref="Output"/> or <see cref="Data"/>, everything about the work to <see cref="Error"/>.
/// </summary>
internal sealed class Terminal
{
    private readonly TextWriter plain = TextWriter.Null;

    /// <summary>Where results go: tables, sentences, JSON; through <see cref="VisibleWriter"/>.</summary>
    public required TextWriter Output
    {
        get;
        init => (plain, field) = (value, VisibleWriter.Over(value));
    }

    /// <summary>Where results go that arrive as they are unless they land on a screen: generated text, CSV.</summary>
    public TextWriter Data => OutputScreen is null ? plain : Output;

    /// <summary>Where progress, notes and errors go; through <see cref="VisibleWriter"/>.</summary>
    public required TextWriter Error
    {
        get;
        init => field = VisibleWriter.Over(value, mayLose: true);
    }

    /// <summary>What a user types, or a program pipes in.</summary>
    public TextReader Input { private get; init; } = TextReader.Null;

    /// <summary>Whether a person types what <see cref="Read"/> reads.</summary>
    public bool IsTyped { get; init; }

    /// <summary>Says who is asked first on Ctrl+C, as <see cref="Interruption.Taker"/>.</summary>
    public Action<Func<bool>> OnInterrupt { get; init; } = _ => { };

    /// <summary>Draws on <see cref="Error"/>; null where that is not a screen (a pipe, a file, CI).</summary>
    public IAnsiConsole? Screen { get; init; }

    /// <summary>Draws on <see cref="Output"/>; null where that is not a screen, so that what programs read stays plain.</summary>
    public IAnsiConsole? OutputScreen { get; init; }

    /// <summary>The clock of rates and remaining times.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Is cancelled when the process is asked to end; long work throws <see cref="OperationCanceledException"/> then.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The exit code of a cancelled command, by what cancelled it.</summary>
    public Func<int> CancelledCode { get; init; } = () => ExitCode.Cancelled;

    /// <summary>Whether a command that was cancelled still has to say so: its deadline may have done it.</summary>
    public Func<bool> End { get; init; } = () => true;

    /// <summary>The process's own streams. Colours follow NO_COLOR (Spectre.Console's detection).</summary>
    public static Terminal OfProcess(Interruption interruption)
    {
        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        bool interactive = !Console.IsErrorRedirected && screen.Profile.Capabilities.Interactive;
        if (interactive)
        {
            // A live bar hides the cursor; a process that ends in the middle of one gives it back.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => screen.Cursor.Show();
        }

        return new Terminal
        {
            Output = Console.Out,
            Error = Console.Error,
            Input = Console.IsInputRedirected ? new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(true, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false) : Console.In,
            IsTyped = !Console.IsInputRedirected,
            OnInterrupt = taker => interruption.Taker = taker,
            Screen = interactive ? screen : null,
            OutputScreen = Console.IsOutputRedirected ? null : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) }),
            Time = TimeProvider.System,
            Cancellation = interruption.Token,
            CancelledCode = () => interruption.Code,
            End = interruption.End,
        };
    }

    /// <summary>Reads of the input, until the process is asked to end.</summary>
    /// <exception cref="OperationCanceledException">It was.</exception>
    /// <exception cref="InvalidDataException">What is piped in is no UTF-8.</exception>
    public T Read<T>(Func<TextReader, T> read)
    {
        try
        {
            // Nothing can wake a read that waits.
            return Task.Run(() => read(Input)).WaitAsync(Cancellation).GetAwaiter().GetResult();
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("standard input: not valid UTF-8: convert the text to UTF-8");
        }
    }

    /// <summary>Writes one line for people.</summary>
    public void Note(string line) => Error.WriteLine(line);

    /// <summary>Writes lines for people.</summary>
    public void NoteAll(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Note(line);
        }
    }
}
