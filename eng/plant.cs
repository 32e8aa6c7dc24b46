#:project ../src/Data/Data.csproj
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false

// Plants a regression in a file of a pipeline, for eng/regressions.sh:
//
//   dotnet run -c Release eng/plant.cs labels dataset.parquet damaged.parquet             (training rows get the labels and losses of other rows)
//   dotnet run -c Release eng/plant.cs scaling controller.safetensors damaged.safetensors (features are scaled by 1 instead of their deviations)
//   dotnet run -c Release eng/plant.cs transform transform.safetensors damaged.safetensors (keys get the statistics of other layers, as another model's would be)

using System.Buffers.Binary;
using System.Text.Json;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;
using AdaptiveKv.Policies.Control;

switch (args)
{
    case ["labels", string from, string to]:
        Labels(from, to);
        return 0;
    case ["scaling", string from, string to]:
        Controller made = ControllerFile.Read(from).Controller;
        ControllerFile.Write(to, new Controller([.. made.Features.Select(scale => scale with { Mean = 0, Deviation = 1 })], made.Layers, made.Tiers, made.Record) { PredictsLoss = made.PredictsLoss, Budget = made.Budget, Rarity = made.Rarity });
        return 0;
    case ["transform", string from, string to]:
        OutputFile.Write(to, Turned(File.ReadAllBytes(from)));
        return 0;
    default:
        Console.Error.WriteLine("error: expected labels, scaling or transform, a file and where to write the damaged one");
        return 2;
}

static void Labels(string from, string to)
{
    Table table = Table.Open(from);
    TableSchema schema = table.Metadata.Schema!;
    using TableRows read = table.All();
    object?[][] rows = [.. read];
    string[] names = [.. schema.Columns.Select(column => column.Name)];
    int[] targets = [.. Enumerable.Range(0, names.Length).Where(i => names[i] == DatasetTable.Label || names[i].StartsWith(DatasetTable.LossPrefix, StringComparison.Ordinal))];
    int split = Array.IndexOf(names, DatasetTable.Split);
    int[] training = [.. Enumerable.Range(0, rows.Length).Where(row => (string?)rows[row][split] == DatasetTable.Train)];
    Dictionary<int, int> sources = training.Select((row, at) => (row, other: training[(at + (training.Length / 2)) % training.Length])).ToDictionary(pair => pair.row, pair => pair.other);
    using TableWriter writer = new(to, schema, table.Metadata.Provenance);
    for (int row = 0; row < rows.Length; row++)
    {
        for (int column = 0; column < names.Length; column++)
        {
            object? value = rows[targets.Contains(column) ? sources.GetValueOrDefault(row, row) : row][column];
            _ = value switch
            {
                null => writer.AddNull(),
                int number => writer.Add(number),
                float number => writer.Add(number),
                _ => writer.Add((string)value),
            };
        }

        writer.EndRow();
    }

    writer.Complete();
}

// A safetensors file whose tensors' halves changed places.
static byte[] Turned(byte[] file)
{
    int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(file) + sizeof(ulong);
    using JsonDocument document = JsonDocument.Parse(file.AsMemory(sizeof(ulong), header - sizeof(ulong)));
    byte[] turned = [.. file];
    foreach (JsonElement offsets in document.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__").Select(entry => entry.Value.GetProperty("data_offsets")))
    {
        Span<byte> data = turned.AsSpan((header + offsets[0].GetInt32())..(header + offsets[1].GetInt32()));
        int half = data.Length / 2;
        file.AsSpan(header + offsets[0].GetInt32() + half, data.Length - half).CopyTo(data);
        file.AsSpan(header + offsets[0].GetInt32(), half).CopyTo(data[(data.Length - half)..]);
    }

    return turned;
}
