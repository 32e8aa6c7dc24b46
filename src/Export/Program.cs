using AdaptiveKv.Export;

// A filter: the command line gives it a controller's ONNX and publishes the model.zip. ONNX Runtime sends telemetry unless the environment of its process forbids it from the start.
if (Environment.GetEnvironmentVariable("ORT_DISABLE_TELEMETRY") != "1")
{
    Console.Error.WriteLine("ORT_DISABLE_TELEMETRY is not 1: akv export starts this program with it");
    return 2;
}

using MemoryStream network = new();
using (Stream input = Console.OpenStandardInput())
{
    input.CopyTo(network);
}

using Stream output = Console.OpenStandardOutput();
output.Write(MlNetModel.Of(network.ToArray()));
return 0;
