using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>What akv exports is the controller to programs that know nothing of it.</summary>
public sealed class ExportTests : IDisposable
{
    private static readonly string Exporter = Path.Combine(SharedFiles.Repository, ".build", "bin", "Export", "release", "AdaptiveKv.Export.dll");
    private static readonly Dictionary<string, string> Launched = new() { ["AKV_EXPORT"] = Exporter };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AStrangersProgramScoresAsTheDecoder(bool predictsLoss)
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "ONNX Runtime has no build for Macs with Intel's processors");
        Controller controller = SampleController.Of(predictsLoss);
        ControllerFile.Write(folder.PathOf("controller.safetensors"), controller);
        string[] command = ["export", "--controller", folder.PathOf("controller.safetensors"), "--format", "mlnet", "--output", folder.PathOf("model.zip")];
        Outcome exported = Akv.RunWith(Launched, command);
        Assert.True(exported.Code == 0, exported.Error);
        byte[] first = File.ReadAllBytes(folder.PathOf("model.zip"));
        float[][] tokens = [.. Enumerable.Range(0, 200).Select(row => Token(row, controller.Features.Count))];

        string[] lines = Stranger(folder.PathOf("model.zip"), tokens);

        Assert.Equal(tokens.Length, lines.Length);
        foreach ((float[] token, string line) in tokens.Zip(lines))
        {
            float[] logits = new float[controller.Tiers.Count];
            controller.Logits(token, logits);
            double[] scored = [.. line.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
            Assert.All(logits.Zip(scored), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, Math.Abs(pair.First))));
            Assert.Equal(controller.Choose(token, 0), (int)scored[^1]);
        }

        // Long enough that a time of an archive (two seconds) would be another.
        Thread.Sleep(TimeSpan.FromSeconds(2.1));
        Assert.Equal(0, Akv.RunWith(Launched, command).Code);
        Assert.Equal(first, File.ReadAllBytes(folder.PathOf("model.zip")));
    }

    [Fact]
    public void TheNetworkAloneNeedsNoOtherProgram()
    {
        Controller controller = SampleController.Of(false);
        ControllerFile.Write(folder.PathOf("controller.safetensors"), controller);
        Outcome exported = Akv.Run("export", "--controller", folder.PathOf("controller.safetensors"), "--output", folder.PathOf("controller.onnx"));

        Assert.True(exported.Code == 0, exported.Error);
        Assert.Equal(ControllerOnnx.Of(controller), File.ReadAllBytes(folder.PathOf("controller.onnx")));
    }

    [Fact]
    public void WhatIsWrongIsSaidInOneLine()
    {
        string controller = folder.PathOf("controller.safetensors"), zip = folder.PathOf("model.zip");
        Assert.Equal((66, true), Ends(Launched, "no such controller", controller));
        File.WriteAllText(controller, "no controller");
        Assert.Equal((65, true), Ends(Launched, controller, controller));
        ControllerFile.Write(controller, SampleController.Of(false));
        Assert.Equal((2, true), Ends([], "./akv export", controller));
        File.WriteAllText(folder.PathOf("other.dll"), "no program");
        Assert.Equal((74, true), Ends(new() { ["AKV_EXPORT"] = folder.PathOf("other.dll") }, "other.dll: ended with code ", controller));
        Assert.False(File.Exists(zip));

        (int Code, bool IsSaid) Ends(Dictionary<string, string> environment, string problem, string path)
        {
            Outcome outcome = Akv.RunWith(environment, "export", "-c", path, "-f", "mlnet", "-o", zip);
            return (outcome.Code, outcome.Error.TrimEnd().Split('\n') is [var line] && line.StartsWith("error: ", StringComparison.Ordinal) && line.Contains(problem, StringComparison.Ordinal));
        }
    }

    private static string[] Stranger(string model, float[][] tokens)
    {
        ProcessStartInfo start = new(Akv.DotNet)
        {
            ArgumentList = { Path.Combine(SharedFiles.Repository, ".build", "bin", "Stranger", "release", "AdaptiveKv.Stranger.dll"), model },
            Environment = { ["ORT_DISABLE_TELEMETRY"] = "1" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = ChildProcess.Start(start);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        foreach (float[] token in tokens)
        {
            process.StandardInput.WriteLine(string.Join(',', token.Select(number => number.ToString("R", CultureInfo.InvariantCulture))));
        }

        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.GetAwaiter().GetResult());
        return output.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    // Every feature is unknown or infinite in some row.
    private static float[] Token(int row, int features)
    {
        float[] token = [.. Enumerable.Range(0, features).Select(i => SampleController.Number(row, 100 + i) * 4)];
        token[row % features] = (row / features % 4) switch { 0 => float.NaN, 1 => float.NegativeInfinity, 2 => float.PositiveInfinity, _ => 0f };
        return token;
    }
}
