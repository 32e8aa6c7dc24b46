using System.CommandLine;
using System.Globalization;
using System.Net;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Server;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv serve</c>: serves a model over HTTP in OpenAI's form until it is stopped; its address goes to the output, a line for each request to the error stream.</summary>
internal static class ServeCommand
{
    private const string KeyVariable = "AKV_API_KEY";

    // Within Interruption.Grace, with time for the last words.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private static readonly ServerOptions Presets = new() { Name = "", Address = new IPEndPoint(IPAddress.Loopback, 8080), Policies = [], Code = new(), Threads = 1 };

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        Option<string?> name = new("--name") { Description = "Name of the model for clients; its file's by default", HelpName = "name" };
        KeepingOptions keeping = new(
            "Most bytes of all caches together, such as 64MB or 512KiB: requests wait for their share of what is left, and a controller's choices follow it; without --policy and --controller each request gets the most bits that fit; without it as many as the policy takes");
        CodeOptions code = new();
        Option<IPAddress> host = Host();
        Option<int> port = CommonOptions.WholeNumber("--port", "Where to listen; 0 takes any free port", 0, Presets.Address.Port, IPEndPoint.MaxPort);
        Option<string?> key = new("--api-key") { Description = $"What clients must send as bearer token; {KeyVariable} in the environment does not show in lists of processes", HelpName = "key" };
        Option<int> slots = CommonOptions.WholeNumber("--slots", "Sequences that run at a time", 1, Presets.Slots, 256);
        Option<int> queue = CommonOptions.WholeNumber("--queue", "Sequences that wait at most", 0, Presets.Queue, 65536);
        Option<int> maxTokens = CommonOptions.WholeNumber("--max-tokens", "Most tokens of an answer to a chat that does not say", 1, Presets.MaxTokens);
        Option<int> timeout = CommonOptions.WholeNumber("--timeout", "Most seconds of a request, waiting included", 1, (int)Presets.Timeout.TotalSeconds, 86400);
        Option<int> keep = CommonOptions.WholeNumber("--keep", "Seconds that a cache is kept after its answer, for requests that begin alike, unless its bytes are needed", 0, (int)Presets.Keep.TotalSeconds, 86400);
        Option<ulong> seed = CommonOptions.Seed();
        Option<int?> threads = CommonOptions.Threads();
        Option<string> arithmetic = CommonOptions.Arithmetic();
        Command command = new("serve", "Serve a model over HTTP in OpenAI's form, all requests within one budget of bytes");
        foreach (Option option in (Option[])[model, name, .. keeping.All, .. code.All, host, port, key, slots, queue, maxTokens, timeout, keep, seed, threads, arithmetic])
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            (CodeSetup coded, IReadOnlyDictionary<string, Controller> controllers) = code.Read(arguments, keeping.Asked(arguments), terminal);
            IReadOnlyList<string> names = keeping.Shared(arguments, [.. controllers.Keys]);
            Func<PrecisionPolicy>[] policies = [.. names.Select(policy => (Func<PrecisionPolicy>)(() => PolicyCatalog.ParseOne(policy, coded.Sinks, coded.Recent, controllers)))];
            CodeOptions.RequireUse([policies[0]()], controllers, "--policy");
            string? secret = arguments.GetValue(key) ?? Environment.GetEnvironmentVariable(KeyVariable);
            if (secret?.Trim().Length == 0)
            {
                throw new ArgumentException($"--api-key is empty, or {KeyVariable} is: give the key, or leave it out");
            }

            string path = arguments.GetRequiredValue(model);
            using LlamaModel loaded = LlamaModel.Load(path, NamedValue.Of<Arithmetic>(arguments.GetRequiredValue(arithmetic)), terminal.Note);
            return Serve(
                loaded,
                Presets with
                {
                    Name = arguments.GetValue(name) ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(path)),
                    Address = new IPEndPoint(arguments.GetRequiredValue(host), arguments.GetValue(port)),
                    Key = secret?.Trim(),
                    Policies = policies,
                    Budget = keeping.Budget(arguments),
                    Code = coded.For(loaded).Options,
                    Threads = CommonOptions.Threads(arguments.GetValue(threads), loaded, terminal),
                    Slots = arguments.GetValue(slots),
                    Queue = arguments.GetValue(queue),
                    MaxTokens = arguments.GetValue(maxTokens),
                    Timeout = TimeSpan.FromSeconds(arguments.GetValue(timeout)),
                    Keep = TimeSpan.FromSeconds(arguments.GetValue(keep)),
                    Seed = arguments.GetValue(seed),
                },
                terminal);
        });
        return command;
    }

    private static int Serve(LlamaModel model, ServerOptions options, Terminal terminal)
    {
        AkvServer server = AkvServer.StartAsync(model, options, terminal.Time, terminal.Note).GetAwaiter().GetResult();
        try
        {
            string budget = options.Budget is { } bytes ? $"caches of all requests within {Amount.Text(bytes, Amount.Bytes)}" : "no --kv-budget: a cache takes what its policy needs";
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{options.Name}: {string.Join(", ", options.Policies.Select(make => make().Name))}; {options.Slots} slots; {budget}"));
            if (options.Key is null && !IPAddress.IsLoopback(options.Address.Address))
            {
                terminal.Note($"whoever reaches this machine can use this server: set a key with --api-key or {KeyVariable}");
            }

            terminal.Output.WriteLine($"listening on {server.Address} (Ctrl+C stops)");
            terminal.Cancellation.WaitHandle.WaitOne();
            bool whole = server.StopAsync(Grace).GetAwaiter().GetResult();
            terminal.Note(whole ? "stopped: all requests were answered" : "stopped: requests that took longer were told so");
            return whole ? ExitCode.Done : terminal.CancelledCode();
        }
        finally
        {
            server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static Option<IPAddress> Host() => new("--host")
    {
        Description = "Address to listen at: by default this machine's own programs alone can ask; 0.0.0.0 lets whoever reaches it",
        HelpName = "address",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result =>
        {
            string word = result.Tokens[0].Value;
            IPAddress? address = word == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(word, out IPAddress? parsed) ? parsed : null;
            if (address is null)
            {
                result.AddError($"--host '{word}': expected an address of this machine, such as 127.0.0.1 or 0.0.0.0");
            }

            return address!;
        },
    };
}
