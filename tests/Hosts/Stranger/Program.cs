using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

// A program that knows nothing of AdaptiveKv: it loads a model.zip and scores the rows of features on standard input, numbers with commas between them. It prints each row's logits and choice.
MLContext context = new();
ITransformer model = context.Model.Load(args[0], out DataViewSchema input);
List<Token> tokens = [];
while (Console.ReadLine() is { } line)
{
    tokens.Add(new Token { Features = [.. line.Split(',').Select(number => float.Parse(number, CultureInfo.InvariantCulture))] });
}

SchemaDefinition schema = SchemaDefinition.Create(typeof(Token));
schema[0].ColumnType = input["Features"].Type;
IDataView scored = model.Transform(context.Data.LoadFromEnumerable(tokens, schema));
foreach ((float[] logits, long[] tier) in scored.GetColumn<float[]>("Logits").Zip(scored.GetColumn<long[]>("Tier")))
{
    Console.WriteLine(string.Join(',', logits.Select(logit => logit.ToString("R", CultureInfo.InvariantCulture)).Append($"{tier[0]}")));
}

/// <summary>A row.</summary>
internal sealed class Token
{
    /// <summary>Raw; NaN where one is unknown.</summary>
    public float[] Features { get; set; } = [];
}
