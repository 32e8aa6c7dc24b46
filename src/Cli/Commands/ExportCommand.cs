using System.CommandLine;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv export</c>: a controller for other programs.</summary>
internal static class ExportCommand
{
    private const string Onnx = "onnx";
    private const string MlNet = "mlnet";

    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        FileOption<string> controller = new(FileRole.Input, "--controller", "-c") { Description = "The controller, safetensors", Required = true };
        FileOption<string> output = new(FileRole.Output, "--output", "-o") { Description = "The file to write", Required = true };
        Option<string> format = new("--format", "-f")
        {
            Description = "Format; onnx: its network with scaling and missing values, for ONNX Runtime and its like; mlnet: the same as a model.zip that a program with Microsoft.ML.OnnxTransformer and "
                + "Microsoft.ML.OnnxRuntime loads (ONNX Runtime is fetched for it at the first use: 160 MB)",
            HelpName = $"{Onnx}|{MlNet}",
            DefaultValueFactory = _ => Onnx,
        };
        format.AcceptOnlyFromAmong(Onnx, MlNet);
        Command command = new("export", "Write a controller for other programs: ONNX, ML.NET") { controller, format, output };
        command.SetAction(arguments =>
        {
            string path = OutputFile.Require(arguments.GetRequiredValue(output));
            byte[] network = ControllerOnnx.Of(ControllerFile.Read(ArtifactReader.Verified(arguments.GetRequiredValue(controller))).Controller);
            OutputFile.Write(path, arguments.GetValue(format) == MlNet ? Exporter.ToMlNet(network, terminal.Cancellation) : network);
            terminal.Output.WriteLine(path);
            return ExitCode.Done;
        });
        return command;
    }
}
