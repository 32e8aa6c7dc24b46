using System.Text.Json.Nodes;
using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Models.HuggingFace;

/// <summary>The rotary base under the names that versions of transformers gave it, and what scales the frequencies.</summary>
public sealed class FolderRopeTests : IDisposable
{
    private readonly TinyFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"rope_theta": 20000}""", 20000, 0)]
    [InlineData("""{"rope_theta": null}""", 10000, 0)]
    [InlineData("{}", 10000, 0)]
    [InlineData("""{"rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}""", 500000, 0)]
    [InlineData("""{"rope_parameters": {"rope_theta": 1e6}}""", 1e6, 0)]
    [InlineData("""{"rope_theta": 10000.0, "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}""", 500000, 1)]
    [InlineData("""{"rope_theta": 500000, "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0}}""", 500000, 0)]
    [InlineData("""{"rope_theta": 500000, "rope_parameters": {"rope_type": "default", "rope_theta": null}}""", 500000, 0)]
    [InlineData("""{"rope_theta": 500000, "rope_parameters": null, "rope_scaling": null}""", 500000, 0)]
    [InlineData("""{"rope_theta": 500000, "rope_parameters": {}}""", 500000, 0)]
    [InlineData("""{"rope_theta": 10000, "rope_scaling": {"rope_type": "default", "rope_theta": 30000}}""", 30000, 1)]
    [InlineData("""{"rope_parameters": {"rope_theta": 30000}, "rope_scaling": {"rope_theta": 30000, "type": "default"}}""", 30000, 0)]
    [InlineData("""{"rope_scaling": {"type": "linear", "factor": 1.0}}""", 10000, 0)]
    [InlineData("""{"rope_scaling": {"rope_type": "dynamic", "factor": 1}}""", 10000, 0)]
    [InlineData("""{"rope_scaling": {"rope_type": "yarn", "factor": 1.0, "attention_factor": 1.0}}""", 10000, 0)]
    [InlineData("""{"rope_parameters": {"rope_type": "llama3", "factor": 1.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_theta": 7.5}}""", 7.5, 0)]
    public void The_inner_base_goes_before_the_outer(string members, float expected, int notes)
    {
        Set(members);

        using ModelSource model = folder.Open();

        Assert.Equal(expected, model.Shape.RopeBase);
        Assert.Equal(notes, model.Notes.Count);
        Assert.All(model.Notes, note => Assert.Contains("the inner one counts", note, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"rope_parameters": {"rope_theta": 5}, "rope_scaling": {"rope_theta": 6}}""", "rope_scaling.rope_theta", "is 6; rope_parameters.rope_theta is 5")]
    [InlineData("""{"rope_parameters": {"rope_type": "default", "type": "linear"}}""", "rope_parameters.rope_type", "is \"default\"; type is \"linear\"")]
    [InlineData("""{"rope_parameters": {"rope_type": "linear", "factor": 2.0}}""", "rope_parameters", "linear scaling")]
    [InlineData("""{"rope_parameters": {"rope_theta": 5}, "rope_scaling": {"type": "linear", "factor": 2.0}}""", "rope_scaling", "linear scaling")]
    [InlineData("""{"rope_scaling": {"type": "linear"}}""", "rope_scaling", "linear scaling")]
    [InlineData("""{"rope_scaling": {"rope_type": "yarn", "factor": 1.0, "attention_factor": 1.2}}""", "rope_scaling", "yarn scaling")]
    [InlineData("""{"rope_scaling": {"rope_type": "dynamic", "factor": 1.0, "alpha": 1000.0}}""", "rope_scaling", "dynamic scaling")]
    [InlineData("""{"rope_scaling": {"rope_type": "longrope", "factor": 1.0}}""", "rope_scaling", "longrope scaling")]
    [InlineData("""{"rope_parameters": {"rope_type": "mrope"}}""", "rope_parameters", "mrope scaling")]
    [InlineData("""{"rope_parameters": {"full_attention": {"rope_theta": 5}}}""", "rope_parameters.full_attention", "for a kind of layer")]
    [InlineData("""{"rope_parameters": {"rope_theta": "5"}}""", "rope_parameters.rope_theta", "is a string; a number")]
    [InlineData("""{"rope_parameters": {"rope_type": 1}}""", "rope_parameters.rope_type", "is the number 1; a string")]
    [InlineData("""{"rope_parameters": {"rope_theta": 5, "partial_rotary_factor": 0.5}}""", "rope_parameters", "partial rotary")]
    [InlineData("""{"rope_parameters": {"rope_theta": 0}}""", "rotary base", "is 0")]
    [InlineData("""{"rope_parameters": [1]}""", "rope_parameters", "is an array; an object")]
    public void Two_bases_and_scaled_frequencies_are_refused(string members, string field, string problem)
    {
        Set(members);

        folder.Refused(field, problem);
    }

    private void Set(string members)
    {
        folder.Config.Remove("rope_theta");
        folder.Config.Remove("rope_scaling");
        foreach ((string name, JsonNode? value) in TinyFolder.Parse(members))
        {
            folder.Config[name] = value?.DeepClone();
        }
    }
}
