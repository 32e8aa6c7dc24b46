using System.CommandLine;
using AdaptiveKv.Inference.Models.Hub;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv model pull</c>: fetches a SmolLM model from the public hub; a second attempt goes on where the first one stopped.</summary>
internal static class ModelPullCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> name = new("name") { Description = $"One of {string.Join(", ", ModelHub.Names)}" };
        Option<string> to = new("--to") { Description = "Folder of the models", HelpName = "folder", DefaultValueFactory = _ => "models" };
        Option<string?> endpoint = new("--endpoint") { Description = "Root of a mirror of the hub", HelpName = "url" };
        Option<bool> insecure = new("--insecure-http") { Description = "Allow a mirror that is not encrypted" };
        Command command = new("pull", "Fetch a model from the public hub, with resume and hash check") { name, to, endpoint, insecure };
        command.SetAction(arguments =>
        {
            string folder = Pull(arguments.GetRequiredValue(name), arguments.GetRequiredValue(to), Mirror(arguments.GetValue(endpoint), arguments.GetValue(insecure)), terminal);
            terminal.Output.WriteLine(folder);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Pull(string name, string to, Uri? mirror, Terminal terminal)
    {
        if (ModelHub.Names.Contains(name.ToLowerInvariant()) && !ModelHub.IsPinned(name))
        {
            terminal.Note($"no hash of {name} is known here: its files are checked by those that the hub states");
        }

        using HttpClient client = ModelHub.CreateClient();
        ModelHub hub = new(client, terminal.Time, mirror);
        return ProgressBar.RunParts(terminal, Amount.Bytes, progress => hub.PullAsync(
            name,
            to,
            new ConvertedProgress<DownloadProgress, PartProgress>(progress, file => new PartProgress(file.File, file.DoneBytes, file.TotalBytes)),
            terminal.Cancellation).GetAwaiter().GetResult());
    }

    private static Uri? Mirror(string? url, bool insecure) => url is null ? null
        : Uri.TryCreate(url, UriKind.Absolute, out Uri? mirror) && mirror.Scheme is "http" or "https"
            ? mirror.Scheme == Uri.UriSchemeHttps || insecure ? mirror
            : throw new FormatException($"--endpoint '{url}': anybody on the way can change what is not encrypted: use https, or add --insecure-http")
        : throw new FormatException($"--endpoint '{url}': expected the root of a hub, such as https://huggingface.co");
}
