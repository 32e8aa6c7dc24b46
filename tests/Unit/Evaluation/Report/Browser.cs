using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Report;

/// <summary>A real browser without a window, Chromium or Chrome where one is installed, with one page that is asked by the DevTools protocol.</summary>
public sealed class Browser : IDisposable
{
    private const string Announced = "DevTools listening on ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly TemporaryFolder profile = new();
    private readonly ClientWebSocket socket = new();
    private readonly List<JsonNode> events = [];
    private ChildProcess? process;
    private Task<string>? rest;
    private string? session;
    private int asked;

    private static string? Location { get; } = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>What the browser complained of since the page was opened.</summary>
    public IEnumerable<string> Complaints => events.Where(one => (string?)one["method"] is "Log.entryAdded" or "Runtime.consoleAPICalled" or "Runtime.exceptionThrown").Select(one => one.ToJsonString());

    /// <summary>Everything that it asked for.</summary>
    public IEnumerable<string> Requests => events.Where(one => (string?)one["method"] == "Network.requestWillBeSent").Select(one => (string)one["params"]!["request"]!["url"]!);

    /// <summary>Opens a page in a window of some width.</summary>
    public void Open(string page, int width = 800, bool dark = false)
    {
        Start();
        events.Clear();
        Ask("Emulation.setDeviceMetricsOverride", $$"""{"width": {{width}}, "height": 900, "deviceScaleFactor": 1, "mobile": false}""");
        Ask("Emulation.setEmulatedMedia", $$"""{"features": [{"name": "prefers-color-scheme", "value": "{{(dark ? "dark" : "light")}}"}]}""");
        Ask("Page.navigate", new JsonObject { ["url"] = new Uri(page).AbsoluteUri }.ToJsonString());
        while (!events.Exists(one => (string?)one["method"] == "Page.loadEventFired"))
        {
            Hear();
        }
    }

    /// <summary>The value of an expression of JavaScript in the page, whatever the page's policy forbids.</summary>
    public JsonNode? Evaluate(string expression)
    {
        JsonNode answer = Ask("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true }.ToJsonString());
        Assert.True(answer["exceptionDetails"] is null, answer.ToJsonString());
        return answer["result"]!["value"];
    }

    /// <summary>The whole page as a PNG file.</summary>
    public byte[] Shoot() => Convert.FromBase64String((string)Ask("Page.captureScreenshot", """{"format": "png", "captureBeyondViewport": true, "optimizeForSpeed": true}""")["data"]!);

    public void Dispose()
    {
        socket.Dispose();
        process?.Dispose();
        rest?.Wait(Patience);
        profile.Dispose();
    }

    private void Start()
    {
        Assert.SkipWhen(Location is null, "needs a browser: install chromium (Debian: apt-get install chromium)");
        Assert.True(process is null || session is not null, "the browser could not be started");
        if (session is not null)
        {
            return;
        }

        // In a container there is neither a sandbox for its root user nor a large /dev/shm.
        process = ChildProcess.Start(new ProcessStartInfo(
            Location,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-extensions", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", $"--user-data-dir={profile.Path}", "--remote-debugging-port=0", "about:blank",
            ]) { RedirectStandardError = true });
        string? line;
        do
        {
            line = process.StandardError.ReadLine();
            Assert.True(line is not null, "the browser ended before it could be asked");
        }
        while (!line.StartsWith(Announced, StringComparison.Ordinal));

        rest = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource late = new(Patience);
        socket.ConnectAsync(new Uri(line[Announced.Length..]), late.Token).GetAwaiter().GetResult();
        string page = (string)Ask("Target.createTarget", """{"url": "about:blank"}""")["targetId"]!;
        session = (string)Ask("Target.attachToTarget", $$"""{"targetId": "{{page}}", "flatten": true}""")["sessionId"]!;
        foreach (string domain in (string[])["Page", "Network", "Log", "Runtime"])
        {
            Ask($"{domain}.enable", "{}");
        }
    }

    private JsonNode Ask(string method, string parameters)
    {
        JsonObject message = new() { ["id"] = ++asked, ["method"] = method, ["params"] = JsonNode.Parse(parameters) };
        if (session is not null)
        {
            message["sessionId"] = session;
        }

        using CancellationTokenSource late = new(Patience);
        socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, late.Token).GetAwaiter().GetResult();
        while (true)
        {
            if (Hear() is { } answer && (int?)answer["id"] == asked)
            {
                Assert.True(answer["error"] is null, $"{method}: {answer.ToJsonString()}");
                return answer["result"]!;
            }
        }
    }

    // An answer; null for an event, which is kept.
    private JsonNode? Hear()
    {
        using CancellationTokenSource late = new(Patience);
        using MemoryStream message = new();
        byte[] buffer = new byte[1 << 16];
        ValueWebSocketReceiveResult part;
        do
        {
            part = socket.ReceiveAsync(buffer.AsMemory(), late.Token).AsTask().GetAwaiter().GetResult();
            message.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);

        JsonNode heard = JsonNode.Parse(message.ToArray())!;
        if (heard["id"] is not null)
        {
            return heard;
        }

        events.Add(heard);
        return null;
    }
}
