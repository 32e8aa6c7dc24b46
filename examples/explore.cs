#:project ../src/Data/Data.csproj
#:package ScottPlot@5.1.59
#:property ManagePackageVersionsCentrally=false
#:property RestorePackagesWithLockFile=false
#:property UsesSkiaSharp=true
#:property PublishAot=false

// Looks into a dataset of the pipeline as a DataFrame, draws what it sees, and goes back to ML.NET:
//
//   dotnet run -c Release examples/explore.cs [dataset.parquet] [picture.png or .svg]
//
// Without arguments it takes what './akv run' has made.

using AdaptiveKv.Data.Views;
using Microsoft.Data.Analysis;
using Microsoft.ML;

string dataset = args.Length > 0 ? args[0] : "artifacts/quickstart/dataset/dataset.parquet";
string picture = args.Length > 1 ? args[1] : "artifacts/explore.png";
if (!File.Exists(dataset))
{
    Console.Error.WriteLine($"error: {dataset}: no such file; './akv run' makes one, or name another");
    return 66;
}

MLContext ml = new(seed: 42);

DataFrame tokens = ml.Data.LoadDataFrame(dataset);
string[] losses = [.. tokens.Columns.Select(column => column.Name).Where(name => name.StartsWith("loss_", StringComparison.Ordinal))];
Console.WriteLine($"{tokens.Rows.Count} tokens of {tokens["item"].ValueCounts().Rows.Count} items; what each tier loses: {string.Join(", ", losses)}");

// Group: which tier is right, and what the cheapest would lose there.
Console.WriteLine("\nlabel   tokens   mean " + losses[0]);
DataFrame counts = tokens.GroupBy("label").Count("item");
DataFrame means = tokens.GroupBy("label").Mean(losses[0]);
foreach ((DataFrameRow count, DataFrameRow mean) in counts.OrderBy("label").Rows.Zip(means.OrderBy("label").Rows))
{
    Console.WriteLine($"{count["label"],5} {count["item"],8}   {mean[losses[0]]:0.00000}");
}

// Filter: tokens whose cheapest tier costs much, the dearest of them first.
PrimitiveDataFrameColumn<float> lost = (PrimitiveDataFrameColumn<float>)tokens[losses[0]];
DataFrame dear = tokens.Filter(lost.ElementwiseGreaterThan(0.1f)).OrderByDescending(losses[0]);
Console.WriteLine($"\n{dear.Rows.Count} tokens lose more than 0.1 nats at the cheapest tier; the dearest:");
foreach (DataFrameRow row in dear.Head(5).Rows)
{
    Console.WriteLine($"  item {row["item"]}, position {row["position"]}: {row[losses[0]]:0.000}");
}

// Plot: entropy of the model's prediction against that loss, by split.
ScottPlot.Plot plot = new();
foreach (string split in (string[])["train", "validation"])
{
    DataFrame part = tokens.Filter(tokens["split"].ElementwiseEquals(split));
    double[] Numbers(string name) => [.. part[name].Cast<object?>().Select(value => Convert.ToDouble(value ?? double.NaN))];
    (double X, double Y)[] points = [.. Numbers("entropy").Zip(Numbers(losses[0])).Where(point => double.IsFinite(point.First) && point.Second > 0)];
    var marks = plot.Add.ScatterPoints(points.Select(point => point.X).ToArray(), points.Select(point => Math.Log10(point.Y)).ToArray());
    marks.LegendText = split;
    marks.MarkerSize = 4;
}

plot.XLabel("entropy of the prediction (nats)");
plot.YLabel($"log10 of {losses[0]} (nats)");
plot.Title("What a token loses at the cheapest tier");
plot.ShowLegend();
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(picture))!);
if (picture.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
{
    plot.SaveSvg(picture, 900, 600);
}
else
{
    plot.SavePng(picture, 900, 600);
}

Console.WriteLine($"\nwrote {picture}");

// And back: a DataFrame is an IDataView, too. How well do the features tell such tokens from the others?
string[] features = [.. tokens.Columns.Where(column => column.DataType == typeof(float) && !losses.Contains(column.Name)).Select(column => column.Name)];
PrimitiveDataFrameColumn<bool> isDear = lost.ElementwiseGreaterThan(0.1f);
isDear.SetName("dear");
tokens.Columns.Add(isDear);
DataOperationsCatalog.TrainTestData parts = ml.Data.TrainTestSplit(tokens, testFraction: 0.2, samplingKeyColumnName: "item", seed: 42);
var chain = ml.Transforms.ReplaceMissingValues([.. features.Select(name => new InputOutputColumnPair(name))])
    .Append(ml.Transforms.Concatenate("Features", features))
    .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false))
    .Append(ml.BinaryClassification.Trainers.LbfgsLogisticRegression("dear"));
var quality = ml.BinaryClassification.Evaluate(chain.Fit(parts.TrainSet).Transform(parts.TestSet), "dear");
Console.WriteLine($"a token that loses more than 0.1 nats, from {string.Join(" and ", features)}: area under the ROC curve {quality.AreaUnderRocCurve:0.000}, items apart");
return 0;
