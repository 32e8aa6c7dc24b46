using System.Text.Json.Serialization;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Cli.Data;

/// <summary>JSON of the data commands: snake_case, as in all reports; enumerations by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true,
    Converters = [typeof(JsonStringEnumConverter<ColumnType>)])]
[JsonSerializable(typeof(TableMetadata))]
internal sealed partial class DataJson : JsonSerializerContext;
