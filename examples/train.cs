#:project ../src/Training/Training.csproj
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false

// Trains a controller on a dataset of the pipeline, as an estimator of ML.NET, says what it is worth and which features it looks at:
//
//   dotnet run -c Release examples/train.cs [dataset.parquet] [controller.safetensors]
//
// Without arguments it takes what './akv run' has made.

using AdaptiveKv.Data.Views;
using AdaptiveKv.Training;
using Microsoft.ML;

string dataset = args.Length > 0 ? args[0] : "artifacts/quickstart/dataset/dataset.parquet";
string controller = args.Length > 1 ? args[1] : "artifacts/controller.safetensors";
if (!File.Exists(dataset))
{
    Console.Error.WriteLine($"error: {dataset}: no such file; './akv run' makes one, or name another");
    return 66;
}

MLContext context = new(seed: 1);
IDataView rows = context.Data.LoadDataset(dataset);
PrecisionControllerTrainer trainer = context.AdaptiveKv().PrecisionController(new() { Epochs = 20 });
PrecisionControllerTransformer model = trainer.Fit(rows);

var metrics = context.MulticlassClassification.Evaluate(model.Transform(rows));
Console.WriteLine($"accuracy {metrics.MicroAccuracy:0.000} over all rows, log-loss {metrics.LogLoss:0.000}");

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(controller))!);
model.Save(controller);
Console.WriteLine($"wrote {controller}: for akv generate --controller, and for model.Open(\"learned\", new() {{ Controller = ... }})");
return 0;
