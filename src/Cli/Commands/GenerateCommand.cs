using System.CommandLine;
using System.Text;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Templates;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Budgets;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv generate</c>: continues a prompt; the text streams to the output, a line of statistics to the error stream.</summary>
internal static class GenerateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        PromptOptions prompt = new();
        KeepingOptions keeping = new();
        CodeOptions code = new();
        Option<bool> chat = new("--chat") { Description = "Ask a chat model, in its own template or else in ChatML's" };
        Option<string?> system = new("--system") { Description = "System message of the chat", HelpName = "text" };
        SamplingChoice sampling = new();
        Option<string[]> stop = new("--stop") { Description = "End before this text; may be given several times", HelpName = "text" };
        Option<bool> showBits = new("--show-bits") { Description = "Show the precision that each token is kept in: by colour on a screen, else by its bits behind it" };
        Option<bool> json = new("--json") { Description = "Print the text and what it took as one JSON document, at the end" };
        Option<int?> threads = CommonOptions.Threads();
        Command command = new("generate", "Continue a prompt, with the cache kept as a policy says");
        foreach (Option option in (Option[])[model, .. prompt.All, .. keeping.All, .. code.All, chat, system, .. sampling.All, stop, showBits, json, threads])
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
            CodeSetup coded = code.Read(arguments);
            IReadOnlyDictionary<string, Controller> controllers = code.Controllers(arguments);
            PrecisionPolicy policy = PolicyCatalog.ParseOne(keeping.Policy(arguments, [.. controllers.Keys]), coded.Sinks, coded.Recent, controllers);
            CodeOptions.RequireUse([policy], controllers, "--policy");
            GenerationRequest request = new(
                arguments.GetRequiredValue(model),
                prompt.Read(arguments, terminal),
                arguments.GetValue(chat),
                arguments.GetValue(system),
                policy,
                PolicyCatalog.TargetOf(policy.Name, controllers.Keys),
                keeping.Budget(arguments),
                coded,
                sampling.Read(arguments) with { Stops = arguments.GetValue(stop) ?? [] },
                arguments.GetValue(showBits),
                arguments.GetValue(json),
                arguments.GetValue(threads));
            return Generate(request, terminal);
        });
        return command;
    }

    private static int Generate(GenerationRequest request, Terminal terminal)
    {
        using LlamaModel model = LlamaModel.Load(request.Model, log: terminal.Note);
        int[] prompt = request.Chat
            ? model.ChatTemplate.Encode([.. request.System is { } system ? (ChatMessage[])[new("system", system)] : [], new("user", request.Prompt)])
            : model.Tokenizer.Encode(request.Prompt);
        int context = model.Shape.ContextLength;
        if (prompt.Length is 0 || prompt.Length >= context)
        {
            throw new ArgumentException(prompt.Length == 0
                ? "--prompt is empty: give at least one character"
                : $"the prompt has {prompt.Length} tokens and the model's context {context}: shorten it by {prompt.Length - context + 1} tokens or more");
        }

        int most = (int)Math.Min(context, (long)prompt.Length + request.Options.MaxTokens);
        EngineSetup setup = new(CommonOptions.Threads(request.Threads, model, terminal), request.Code.For(model).Options);
        using AdaptiveSession session = request.Budget is { } budget
            ? Within(budget, request, model, setup, prompt.Length, most)
            : new AdaptiveSession(model, request.Policy, CacheMode.Prefill, setup, most);
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

    private static AdaptiveSession Within(long budget, GenerationRequest request, LlamaModel model, EngineSetup setup, int prompt, int total)
    {
        BudgetPlan plan = AdaptiveSession.Plan(budget, model, request.Policy, setup, total);
        if (plan.Least(total) > budget)
        {
            int most = plan.MostTokens(budget, total) - prompt;
            string fewer = most > 0 ? $"--max-tokens {most} or fewer" : "a shorter prompt";
            throw new ArgumentException(
                $"--kv-budget {Amount.Text(budget, Amount.Bytes)}: {total} tokens ({prompt} of the prompt, up to {total - prompt} new ones) "
                + $"take more even in {plan.Cheapest} bits: give {(plan.Least(total) + 999) / 1000}kB or more, or {fewer}");
        }

        return AdaptiveSession.Within(budget, model, request.Policy, setup, prompt, total);
    }
}
