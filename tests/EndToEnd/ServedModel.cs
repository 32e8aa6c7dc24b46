using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace AdaptiveKv.EndToEnd;

/// <summary>A running <c>akv serve</c> and a client of it.</summary>
internal sealed class ServedModel : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly StringBuilder errors = new();

    /// <summary>Starts one at a free port and waits until it listens.</summary>
    public ServedModel(string model, params string[] arguments)
    {
        // On a busy machine threads do little but wait for each other.
        Process = Akv.Start(["serve", "--model", model, "--name", "m", "--port", "0", "--threads", "1", .. arguments]);
        Process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                errors.AppendLine(line.Data);
            }
        };
        Process.BeginErrorReadLine();
        string? said = Process.StandardOutput.ReadLine();
        Assert.True(said?.StartsWith("listening on http://", StringComparison.Ordinal), $"said '{said}' and {Errors}");
        Client = new HttpClient { BaseAddress = new Uri(said!.Split(' ')[2]), Timeout = Patience };
    }

    public Process Process { get; }

    public HttpClient Client { get; }

    /// <summary>What it has written to its error stream.</summary>
    public string Errors
    {
        get
        {
            lock (errors)
            {
                return errors.ToString();
            }
        }
    }

    /// <summary>Sends a body as it is.</summary>
    public HttpResponseMessage Post(string path, string body, string type = "application/json")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, type) };
        return Client.Send(request);
    }

    /// <summary>The body of an answer.</summary>
    public static string Body(HttpResponseMessage response) => response.Content.ReadAsStringAsync().GetAwaiter().GetResult();

    /// <summary>The body that is at a path.</summary>
    public JsonElement Get(string path) => JsonElement.Parse(Client.GetStringAsync(path).GetAwaiter().GetResult());

    /// <summary>Sends a document; what comes back must be an answer.</summary>
    public JsonElement Ask(string path, object body)
    {
        using HttpResponseMessage response = Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        string text = Body(response);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    /// <summary>Sends a document whose answer is streamed.</summary>
    /// <returns>The events, without the last one, which must be [DONE].</returns>
    public JsonElement[] Stream(string path, object body)
    {
        using HttpResponseMessage response = Client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        string text = Body(response);
        Assert.True(response.IsSuccessStatusCode, text);
        string[] events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", events[^1]);
        return [.. events[..^1].Select(line => JsonElement.Parse(line["data: ".Length..]))];
    }

    /// <summary>A number of <c>/metrics</c>, all labels together.</summary>
    public double Metric(string name) => Client.GetStringAsync("metrics").GetAwaiter().GetResult().Split('\n')
        .Where(line => line.Split(' ', '{')[0] == name)
        .Sum(line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Waits until nothing runs or waits.</summary>
    public void WaitUntilIdle() =>
        Assert.True(SpinWait.SpinUntil(() => Metric("akv_sequences_running") + Metric("akv_sequences_waiting") == 0, Patience), "sequences still run");

    public void Dispose()
    {
        Client.Dispose();
        if (!Process.HasExited)
        {
            Process.Kill();
            Process.WaitForExit();
        }

        Process.Dispose();
    }
}
