using System.CommandLine;
using System.Text;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Templates;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv generate</c>: continues a prompt; the text streams to the output, a line of statistics to the error stream.</summary>
internal static class GenerateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        PromptOptions prompt = new();
        SessionChoice session = new();
        Option<bool> chat = new("--chat") { Description = "Ask a chat model, in its own template or else in ChatML's" };
        Option<string?> system = new("--system") { Description = "System message of the chat", HelpName = "text" };
        SamplingChoice sampling = new();
        Option<string[]> stop = new("--stop") { Description = "End before this text; may be given several times", HelpName = "text" };
        Option<bool> showBits = new("--show-bits") { Description = "Show the precision that each token is kept in: by colour on a screen, else by its bits behind it" };
        Option<bool> json = new("--json") { Description = "Print the text and what it took as one JSON document, at the end" };
        Command command = new("generate", "Continue a prompt, with the cache kept as a policy says");
        foreach (Option option in (Option[])[model, .. prompt.All, .. session.All, chat, system, .. sampling.All, stop, showBits, json])
        {
            command.Add(option);
        }

        prompt.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(system) is not null && !result.GetValue(chat))
            {
                result.AddError("--system is part of a chat: add --chat");
            }

            if (result.GetValue(stop)?.Contains(string.Empty) == true)
            {
                result.AddError("--stop is empty: give at least one character");
            }

            if (result.GetValue(json) && result.GetValue(showBits))
            {
                result.AddError("--show-bits shows bits within the text, and --json prints no such text: leave one of the two out");
            }
        });
        command.SetAction(arguments =>
        {
            GenerationRequest request = new(
                arguments.GetRequiredValue(model),
                prompt.Read(arguments, terminal),
                arguments.GetValue(chat),
                arguments.GetValue(system),
                session.Read(arguments, terminal),
                sampling.Read(arguments) with { Stops = arguments.GetValue(stop) ?? [] },
                arguments.GetValue(showBits),
                arguments.GetValue(json));
            return Generate(request, terminal);
        });
        return command;
    }

    private static int Generate(GenerationRequest request, Terminal terminal)
    {
        using AkvModel model = AkvModel.Load(request.Model, terminal.Note, request.Session.Arithmetic);
        int[] prompt = request.Chat
            ? model.Weights.ChatTemplate.Encode([.. request.System is { } system ? (ChatMessage[])[new("system", system)] : [], new("user", request.Prompt)])
            : model.Weights.Tokenizer.Encode(request.Prompt);
        int context = model.Weights.Shape.ContextLength;
        if (prompt.Length is 0 || prompt.Length >= context)
        {
            throw new ArgumentException(prompt.Length == 0
                ? "--prompt is empty: give at least one character"
                : $"the prompt has {prompt.Length} tokens and the model's context {context}: shorten it by {prompt.Length - context + 1} tokens or more");
        }

        int most = (int)Math.Min(context, (long)prompt.Length + request.Options.MaxTokens);
        using AdaptiveSession session = request.Session.Open(model, terminal, prompt.Length, most, fits =>
            fits > prompt.Length ? $"--max-tokens {fits - prompt.Length} or fewer" : "a shorter prompt");
        Generation generation = new(session, prompt, request.Options, terminal.Cancellation);
        StringBuilder whole = new();
        BitDisplay? bits = request.ShowBits ? new BitDisplay(terminal, session.Cache) : null;
        foreach (string piece in generation)
        {
            if (request.Json)
            {
                whole.Append(piece);
            }
            else if (bits is not null)
            {
                bits.Show(piece);
            }
            else
            {
                terminal.Data.Write(piece);
                terminal.Data.Flush();
            }
        }

        bits?.End();
        GenerationStatistics statistics = generation.Statistics;
        GenerationReport report = GenerationReport.Of(request, statistics, session.Cache.StagingTier, whole.ToString());
        terminal.Output.WriteLine(request.Json ? report.Json() : string.Empty);
        terminal.Note(report.Line(request));
        return statistics.End == GenerationEnd.Cancelled ? terminal.CancelledCode() : ExitCode.Done;
    }
}
