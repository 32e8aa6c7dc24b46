using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AdaptiveKv.Server.Wire;

/// <summary>How documents are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AnswerDocument))]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(ModelsDocument))]
[JsonSerializable(typeof(HealthDocument))]
internal sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>Text as it is: what is sent is no part of a web page.</summary>
    public static WireJson Plain => field ??= new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>The models that are served.</summary>
internal sealed record ModelsDocument(string Object, IReadOnlyList<ModelsDocument.Model> Data)
{
    /// <summary>A model.</summary>
    internal sealed record Model(string Id, string Object, long Created, string OwnedBy);
}

/// <summary>How the server is.</summary>
internal sealed record HealthDocument(string Status, int Running, int Waiting);
