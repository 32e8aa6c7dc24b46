using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Laboratory.Load;

/// <summary><c>laboratory load</c>: asks a running server, akv's or another one with OpenAI's interface, from several streaming clients at a time.</summary>
internal static class LoadCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<Uri> url = new("--url")
        {
            Description = "Where the server listens",
            HelpName = "address",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:8080/"),
            CustomParser = result =>
            {
                bool parsed = Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? address);
                if (!parsed)
                {
                    result.AddError($"--url '{result.Tokens[0].Value}': expected an address, such as http://127.0.0.1:8080/");
                }

                return address!;
            },
        };
        FileOption<string> text = new(FileRole.Input, "--text") { Description = "Text that prompts are cut from", Required = true };
        Option<int[]> clients = new("--clients") { Description = "Clients at a time; may be given several times", HelpName = "n", DefaultValueFactory = _ => [1, 8, 32] };
        Option<int> requests = CommonOptions.WholeNumber("--requests", "Requests of each number of clients", 1, 32);
        Option<int> shortest = CommonOptions.WholeNumber("--shortest", "Words of the shortest prompt", 1, 40);
        Option<int> longest = CommonOptions.WholeNumber("--longest", "Words of the longest prompt", 1, 1500);
        Option<int> maxTokens = CommonOptions.WholeNumber("--max-tokens", "Most tokens of an answer", 1, 64);
        Option<ulong> seed = CommonOptions.Seed();
        Command command = new("load", "Ask a running server from several streaming clients at a time, and show its speed and waiting times");
        foreach (Option option in (Option[])[url, text, clients, requests, shortest, longest, maxTokens, seed])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            string[] words = TextFile.Read(arguments.GetRequiredValue(text)).Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            using LoadClient client = new(arguments.GetRequiredValue(url), arguments.GetValue(maxTokens), terminal.Time);
            terminal.Output.WriteLine("| clients | requests | errors | prompt tokens | new tokens | seconds | new tokens/s | all tokens/s | first token p50 | p95 |");
            terminal.Output.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
            foreach (int count in arguments.GetRequiredValue(clients))
            {
                IReadOnlyList<string> prompts = LoadPrompts.Cut(words, arguments.GetValue(requests), arguments.GetValue(shortest), arguments.GetValue(longest), arguments.GetValue(seed) + (ulong)count);
                long start = terminal.Time.GetTimestamp();
                LoadResult[] results = client.Ask(prompts, count, terminal.Cancellation);
                terminal.Output.WriteLine(Row(count, results, terminal.Time.GetElapsedTime(start).TotalSeconds));
                foreach (IGrouping<string?, LoadResult> failed in results.Where(result => result.Error is not null).GroupBy(result => result.Error))
                {
                    terminal.Note($"{failed.Count()} times: {failed.Key}");
                }
            }

            if (client.Metric("akv_cache_peak_bytes") is { } peak)
            {
                double? budget = client.Metric("akv_cache_budget_bytes");
                terminal.Output.WriteLine($"caches took at most {Amount.Text(peak, Amount.Bytes)}{(budget is { } most ? $" of {Amount.Text(most, Amount.Bytes)}" : "")}");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static string Row(int clients, LoadResult[] results, double seconds)
    {
        LoadResult[] whole = [.. results.Where(result => result.Error is null)];
        double[] first = [.. whole.Select(result => result.FirstToken.TotalSeconds).Order()];
        int prompt = whole.Sum(result => result.PromptTokens), tokens = whole.Sum(result => result.Tokens);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {clients} | {results.Length} | {results.Length - whole.Length} | {prompt} | {tokens} | {seconds:0.0} | {tokens / seconds:0.0} | {(prompt + tokens) / seconds:0} | {Quantile(first, 0.5):0.00} s | {Quantile(first, 0.95):0.00} s |");
    }

    // The smallest value that at least this share does not exceed.
    private static double Quantile(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[Math.Max((int)Math.Ceiling(share * sorted.Length) - 1, 0)];
}
