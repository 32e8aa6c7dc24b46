using System.Net;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Server.Scheduling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AdaptiveKv.Server;

/// <summary>Serves a model over HTTP in the form of OpenAI's interface, all requests within one budget of bytes for their caches.</summary>
public sealed class AkvServer : IAsyncDisposable
{
    private const int MostConnections = 1024;

    private readonly WebApplication web;
    private readonly Scheduler scheduler;

    private AkvServer(WebApplication web, Scheduler scheduler, Uri address) => (this.web, this.scheduler, Address) = (web, scheduler, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="model">Outlives the server.</param>
    /// <param name="options">What is served.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Receives one line for each request that was served.</param>
    /// <exception cref="ArgumentException">The policies cannot keep the budget, or do not suit the model.</exception>
    /// <exception cref="IOException">The address is taken or not this machine's.</exception>
    public static async Task<AkvServer> StartAsync(LlamaModel model, ServerOptions options, TimeProvider time, Action<string> log)
    {
        ServerMetrics metrics = new();
        Scheduler scheduler = new(
            model, new SchedulerOptions(options.Policies, options.Budget, options.Code, options.Threads, options.Slots, options.Queue, options.Keep), time) { FirstToken = metrics.AddFirstToken };
        WebApplication web = Build(options);
        Endpoints endpoints = new(model, options, scheduler, metrics, time, log);
        web.Run(endpoints.Serve);
        try
        {
            await web.StartAsync().ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            scheduler.Dispose();
            await web.DisposeAsync().ConfigureAwait(false);
            throw new IOException($"{options.Address}: cannot listen there: {exception.InnerException?.Message ?? exception.Message}: choose another --host or --port; port 0 takes any free one", exception);
        }

        string address = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new AkvServer(web, scheduler, new Uri(address));
    }

    /// <summary>Takes no more requests, and gives those that run some time to end; the others are told.</summary>
    /// <param name="grace">The time.</param>
    /// <returns>Whether all ended by themselves.</returns>
    public async Task<bool> StopAsync(TimeSpan grace)
    {
        bool whole = scheduler.Stop(grace);
        using CancellationTokenSource last = new(TimeSpan.FromMilliseconds(300));
        await web.StopAsync(last.Token).ConfigureAwait(false);
        return whole;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        scheduler.Dispose();
        await web.DisposeAsync().ConfigureAwait(false);
    }

    // Nothing of the environment and of the current folder has a say: no variables, no settings files, no console.
    private static WebApplication Build(ServerOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBody;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Listen(options.Address);
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        return builder.Build();
    }

    // The program hears signals itself.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
