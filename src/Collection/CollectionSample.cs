using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Collection;

/// <summary>The items, or windows of a text, that a stage goes through.</summary>
internal static class CollectionSample
{
    /// <summary>What every such stage reads.</summary>
    public static IReadOnlyList<StageInput> Deps { get; } =
    [
        new("model", "A .gguf file"),
        new("data", "Items: JSON lines (ours, HellaSwag's, ARC's) or llama.cpp's HellaSwag text; or a plain text, whose windows are items without wrong endings"),
        new("shot_items", "Items that shots are taken from, such as those of the training split; without it those of 'data' that the sample leaves over") { Optional = true },
        new("transform", "The cache's transform, of the stage calibrate; without it the code is Hadamard and clip") { Optional = true },
    ];

    /// <summary>What of the numbers cannot be had of the stage's data.</summary>
    public static IEnumerable<ParamFault> Faults(StageProposal proposal, TextParams values) => proposal.File("data") is not { } data ? [] :
    [
        .. SampleCheck.Faults(data, true, values.Part, values.Skip, values.Limit, values.Seed, values.Shots, proposal.File("shot_items"))
            .Select(fault => new ParamFault(fault.Number, fault.Problem)),
        .. values.Shortest > values.Window ? (ParamFault[])[new("shortest", $"is {values.Shortest}, and window {values.Window}: expected no more than that")]
            : values.Shortest > 0 && ItemFile.IsOne(data) ? [new("shortest", $"is of the windows of a plain text, and {data} has items: leave it out")] : [],
        .. !ItemFile.IsOne(data) && proposal.File("model") is { } model && ModelFormats.ContextProblem(model, values.Window) is { } longer ? (ParamFault[])[new("window", longer)] : [],
    ];

    /// <summary>Reads them.</summary>
    public static EncodedSample Read(StageContext context, TextParams values, LlamaModel model)
    {
        EncodedSample sample = EncodedSample.Read(
            context.Dep("data"),
            values.Window,
            values.Part,
            values.Skip,
            values.Limit,
            values.Seed,
            text => model.Tokenizer.Encode(text),
            tokens => model.Tokenizer.Decode(tokens),
            Shots.From(context.Find("shot_items"), values.Shots, values.Seed));
        return sample.Format == ItemFormat.PlainText ? sample with { Items = [.. sample.Items.Select(values.Cut)] } : sample;
    }

    /// <summary>How many they are, and how many a segment has.</summary>
    public static (int Items, int PerSegment) Count(StageContext context, TextParams values)
    {
        using LlamaModel model = LlamaModel.Load(context.Dep("model"));
        return (Read(context, values, model).Items.Length, values.Segment);
    }

    /// <summary>Each item draws from its own numbers, so that its rows do not hang on which other items there are.</summary>
    public static ulong SeedOf(string item, ulong seed) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{item}")));

    /// <summary>An item's context and right ending.</summary>
    public static int[] TextOf(EncodedItem item) => [.. item.Context, .. item.Endings[item.Item.Label]];
}
