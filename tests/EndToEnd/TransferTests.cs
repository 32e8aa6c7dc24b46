using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A controller on tokens that it was not made for: as it is, with a new budget curve, and with new scaling, in one arena.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly PipelineFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>
    /// The quickstart's controller, fitted to tokens collected from other items of the embedded model: the nearest thing to another model that the
    /// repository carries. Its features lie where they were, so the fitted controller must do what the first one does, at the bits asked for.
    /// </summary>
    [Fact]
    public void AFittedControllerStandsBesideTheFirst()
    {
        Outcome made = Akv.RunHere(["run", "--to", "train", .. folder.Small()]);
        Assert.True(made.Code == 0, made.Error);
        string items = Path.Combine(SharedFiles.Micro, "items_validation.jsonl");
        string controller = folder["train/controller.safetensors"], transform = folder["calibrate/transform.safetensors"];
        Done(
            "collect", "--model", SharedFiles.MicroModel, "--data", items, "--transform", transform, "--limit", "40", "--samples", "0",
            "--tokens", folder["other/tokens"], "--items", folder["other/items"], "--rarity", folder["other/rarity.safetensors"], "--summary", folder["other/summary.json"]);
        Done(
            "rescale", "--controller", controller, "--tokens", folder["other/tokens"], "--rarity", folder["other/rarity.safetensors"],
            "--rescaled", folder["fitted/controller.safetensors"], "--summary", folder["fitted/summary.json"]);
        Done(
            "evaluate", "--model", SharedFiles.MicroModel, "--data", items, "--limit", "30", "--seed", "7", "--transform", transform, "--sinks", "1", "--json",
            "--controller", controller, "--controller", $"rival={folder["fitted/controller.safetensors"]}", "--policies", "static-16,learned-3.5,learned:rival-3.5");

        JsonElement[] policies = [.. JsonElement.Parse(last!.Output).GetProperty("policies").EnumerateArray()];
        Assert.Equal(["learned-3.5+sinks1", "learned:rival-3.5+sinks1"], policies.Skip(1).Select(policy => policy.GetProperty("policy").GetString()));
        Assert.InRange(policies[2].GetProperty("target").GetProperty("error").GetDouble(), -0.06, 0.06);
        Assert.InRange(JsonElement.Parse(File.ReadAllText(folder["fitted/summary.json"])).GetProperty("shift").GetProperty("entropy").GetDouble(), -0.5, 0.5);
    }

    private Outcome? last;

    private void Done(params string[] arguments)
    {
        last = Akv.RunHere(arguments);
        Assert.True(last.Code == 0, last.Error);
    }
}
