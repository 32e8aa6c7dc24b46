using System.Globalization;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Cli.Commands;

/// <summary>Reads lines and answers them, until there are no more.</summary>
internal sealed class ChatLoop
{
    private static readonly Dictionary<string, string> Commands = new(StringComparer.Ordinal)
    {
        ["/reset"] = "begins another conversation",
        ["/save FILE"] = "writes the conversation, cache and all",
        ["/load FILE"] = "goes on with a conversation that was saved under the same model, transform, policy and controller",
        ["/help"] = "shows this",
        ["/exit"] = "ends; so does the end of the input",
    };

    private readonly Terminal terminal;
    private readonly AdaptiveSession session;
    private readonly string? system;
    private readonly GenerationOptions options;
    private Chat chat;
    private volatile CancellationTokenSource? answering;
    private bool isWarned;

    /// <summary>Begins a conversation.</summary>
    /// <param name="terminal">Where lines come from and answers go.</param>
    /// <param name="session">Serves the conversation alone.</param>
    /// <param name="system">The system message; null for none.</param>
    /// <param name="options">How answers are made.</param>
    /// <exception cref="ArgumentException">It is no chat model.</exception>
    public ChatLoop(Terminal terminal, AdaptiveSession session, string? system, GenerationOptions options)
    {
        (this.terminal, this.session, this.system, this.options) = (terminal, session, system, options);
        chat = new Chat(session, system);
    }

    /// <summary>Runs.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        terminal.OnInterrupt(TakeInterrupt);
        using CancellationTokenRegistration ending = terminal.Cancellation.Register(() => answering?.Cancel());
        if (terminal.IsTyped)
        {
            terminal.Note($"{session.Policy.Name}, room for {session.Cache.MaxTokens} tokens; /help lists what can be typed, Ctrl+C ends an answer");
        }

        while (Next() is { } line)
        {
            isWarned = false;
            try
            {
                Take(line);
            }
            catch (Exception error) when (terminal.IsTyped && error is ArgumentException or IOException or UnauthorizedAccessException or ModelFormatException)
            {
                // A person reads it and goes on; a script ends with the code.
                terminal.Note(Failure.Of(error, ExitCode.Cancelled).Line);
            }

            terminal.Cancellation.ThrowIfCancellationRequested();
        }

        return ExitCode.Done;
    }

    private string? Next()
    {
        if (terminal.IsTyped)
        {
            terminal.Error.Write("> ");
            terminal.Error.Flush();
        }

        string? line = terminal.Read(input => input.ReadLine());
        return line?.TrimEnd() == "/exit" ? null : line;
    }

    private void Take(string line)
    {
        switch (line.StartsWith('/') ? line.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [])
        {
            case [] when string.IsNullOrWhiteSpace(line):
                return;
            case []:
                Answer(line);
                return;
            case ["/help"]:
                terminal.NoteAll(Commands.Select(command => $"{command.Key,-12} {command.Value}"));
                return;
            case ["/reset"]:
                chat = new Chat(session, system);
                Show("another conversation");
                return;
            case ["/save", var path]:
                chat.Save(path);
                Show($"saved to {path}");
                return;
            case ["/load", var path]:
                chat.Load(path);
                Show($"goes on with {path}");
                return;
            case [var word, ..]:
                throw new ArgumentException(Unknown(word));
        }
    }

    private static string Unknown(string word)
    {
        string[] known = [.. Commands.Keys.Select(command => command.Split(' ')[0])];
        return known.Contains(word) ? $"{word}: expected {Commands.Keys.First(command => command.Split(' ')[0] == word)}"
            : NearestName.Find(word, known) is { } near ? $"unknown command '{word}'; did you mean '{near}'?"
            : $"unknown command '{word}': /help lists them; a blank before it makes it a message";
    }

    private void Answer(string question)
    {
        CancellationTokenSource stop = new();
        Generation answer = chat.Ask(question, options, stop.Token);
        answering = stop;
        try
        {
            foreach (string piece in answer)
            {
                terminal.Data.Write(piece);
                terminal.Data.Flush();
            }
        }
        finally
        {
            answering = null;
        }

        terminal.Data.WriteLine();
        terminal.Data.Flush();
        GenerationStatistics statistics = answer.Statistics;
        string end = statistics.End switch
        {
            GenerationEnd.Limit => ", --max-tokens reached",
            GenerationEnd.CacheFull => ", the conversation is full: /reset begins another",
            GenerationEnd.Cancelled => ", ended by Ctrl+C",
            _ => string.Empty,
        };
        double rate = statistics.Time > TimeSpan.Zero ? statistics.Tokens / statistics.Time.TotalSeconds : 0;
        Show(string.Create(CultureInfo.InvariantCulture, $"read {statistics.PromptTokens} tokens, wrote {statistics.Tokens} at {rate:0.0} tokens/s{end}"));
    }

    private void Show(string what)
    {
        CacheStatistics cache = session.Statistics();
        string bits = cache.Tokens == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {cache.EffectiveBits:0.00} bits per element");
        terminal.Note(string.Create(
            CultureInfo.InvariantCulture, $"[{what}; cache: {cache.Tokens} of {session.Cache.MaxTokens} tokens, {Amount.Text(cache.Bytes, Amount.Bytes)}{bits}]"));
    }

    // On another thread: a signal's.
    private bool TakeInterrupt()
    {
        if (answering is { } answer)
        {
            answer.Cancel();
            return true;
        }

        if (!terminal.IsTyped || isWarned)
        {
            return false;
        }

        isWarned = true;
        terminal.Note("(Ctrl+C once more, Ctrl+D or /exit ends)");
        return true;
    }
}
