using AdaptiveKv.Inference;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AdaptiveKv.Extensions;

/// <summary>AdaptiveKv as a service.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>Adds a model, a session and an <see cref="IChatClient"/> over it, each one of its kind and made when it is first asked for.</summary>
    /// <param name="services">The services.</param>
    /// <param name="model">A .gguf file or a Hugging Face folder.</param>
    /// <param name="policy">How the cache is kept, as for <see cref="AkvModel.Open(string, OpenOptions?)"/>.</param>
    /// <param name="session">Files and sizes of the session; null for the defaults.</param>
    /// <param name="answers">How answers are made where a request does not say; null for the defaults.</param>
    public static IServiceCollection AddAdaptiveKv(
        this IServiceCollection services, string model, string policy = "static-16", OpenOptions? session = null, GenerationOptions? answers = null) => services
            .AddSingleton(_ => AkvModel.Load(model))
            .AddSingleton(provider => provider.GetRequiredService<AkvModel>().Open(policy, session))
            .AddSingleton<IChatClient>(provider => new AdaptiveKvChatClient(provider.GetRequiredService<AdaptiveSession>(), answers));
}
