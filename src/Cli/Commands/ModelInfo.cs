using System.Text.Json.Serialization;
using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What <c>akv model info</c> says about a model.</summary>
/// <param name="Model">Shape and storage.</param>
/// <param name="PreTokenizer">Name of the pre-tokenization rule.</param>
/// <param name="EndTokens">Tokens that end a text or a turn.</param>
/// <param name="KvBytesPerToken">Key and value bytes of one token in all layers, at 16 bits.</param>
/// <param name="Sha256">Of the weights file(s).</param>
internal sealed record ModelInfo(ModelSummary Model, string PreTokenizer, IReadOnlyList<TokenInfo> EndTokens, long KvBytesPerToken, string Sha256)
{
    /// <summary>Reads the facts; hashes the weights.</summary>
    public static ModelInfo Of(ModelSource source) => new(
        ModelSummary.Of(source),
        source.Vocabulary.PreTokenizer,
        [.. source.Vocabulary.EndTokens.Select(id => new TokenInfo(id, source.Vocabulary.Tokens[id]))],
        2L * sizeof(short) * source.Shape.Layers * source.Shape.KvHeads * source.Shape.HeadDim,
        source.Sha256);

    /// <summary>One fact a line.</summary>
    public string Text()
    {
        LlamaShape shape = Model.Shape;
        return string.Join('\n',
        [
            $"model         {Model.Path}",
            $"layers        {shape.Layers}, hidden {shape.Hidden}, feed-forward {shape.FeedForward}",
            $"heads         {shape.Heads} query, {shape.KvHeads} key/value, {shape.HeadDim} elements each",
            $"context       {shape.ContextLength} tokens, rotary base {shape.RopeBase:0.###}, RMS epsilon {shape.RmsEpsilon:0.###e-0}",
            $"vocabulary    {shape.Vocabulary} tokens, pre-tokenizer {PreTokenizer}",
            $"end tokens    {(EndTokens.Count == 0 ? "none" : string.Join(", ", EndTokens.Select(token => $"{token.Id} {token.Text}")))}",
            $"output        {(shape.TiedOutput ? "tied to the embedding" : "own matrix")}",
            $"parameters    {Model.Parameters:N0} in {Amount.Text(Model.Bytes, Amount.Bytes)}",
            .. Model.Types.Select(type => $"  {type.Type,-12}{type.Tensors} tensors, {Amount.Text(type.Bytes, Amount.Bytes)}"),
            $"KV cache      {KvBytesPerToken:N0} B per token at 16 bits",
            $"sha256        {Sha256}",
        ]);
    }
}

/// <summary>A token of a vocabulary.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">As the vocabulary spells it.</param>
internal sealed record TokenInfo(int Id, string Text);

/// <summary>JSON of the model commands: snake_case, as in all reports; enumerations by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    Converters = [typeof(JsonStringEnumConverter<TensorType>), typeof(JsonStringEnumConverter<RotaryLayout>)])]
[JsonSerializable(typeof(ModelInfo))]
internal sealed partial class ModelJson : JsonSerializerContext;
