using System.CommandLine;
using AdaptiveKv.Inference;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv chat</c>: a conversation, line by line; answers stream to the output, what the cache holds to the error stream.</summary>
internal static class ChatCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        SessionChoice session = new();
        Option<int?> context = CommonOptions.WholeNumber("--context", "Most tokens of the conversation; by default as many as the model can see", 1);
        Option<string?> system = new("--system") { Description = "System message; by default what the model's template says without one", HelpName = "text" };
        SamplingChoice sampling = new();
        Command command = new("chat", "Talk with a chat model, whose cache keeps the conversation; /help lists what can be typed");
        foreach (Option option in (Option[])[model, .. session.All, context, system, .. sampling.All])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            SessionRequest request = session.Read(arguments, terminal);
            GenerationOptions options = sampling.Read(arguments);
            using AkvModel loaded = AkvModel.Load(arguments.GetRequiredValue(model), terminal.Note, request.Arithmetic);
            int most = loaded.Weights.Shape.ContextLength;
            int tokens = arguments.GetValue(context) ?? most;
            if (tokens > most)
            {
                throw new ArgumentException($"--context {tokens}: the model can see {most} tokens: expected 1 to {most}");
            }

            using AdaptiveSession opened = request.Open(loaded, terminal, tokens, tokens, fits => $"--context {fits} or less");
            return new ChatLoop(terminal, opened, arguments.GetValue(system), options).Run();
        });
        return command;
    }
}
