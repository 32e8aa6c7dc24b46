using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Parameters;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace AdaptiveKv.Kernels;

/// <summary>A column: work per nanosecond, that is, GB/s or GMAC/s, at the median time.</summary>
internal sealed class WorkRate : IColumn
{
    private static readonly Dictionary<Type, Func<ParameterInstances, Work>> Works = new()
    {
        [typeof(MatrixBenchmarks)] = MatrixBenchmarks.WorkOf,
        [typeof(AttentionBenchmarks)] = AttentionBenchmarks.WorkOf,
    };

    private readonly Func<Work, double> amount;

    private WorkRate(string name, string legend, Func<Work, double> amount)
    {
        ColumnName = name;
        Legend = legend;
        this.amount = amount;
    }

    public static WorkRate Bytes { get; } = new("GB/s", "bytes of weights or cache read per nanosecond", work => work.Bytes);

    public static WorkRate Products { get; } = new("GMAC/s", "multiply-accumulates per nanosecond", work => work.Products);

    public string Id => ColumnName;

    public string ColumnName { get; }

    public string Legend { get; }

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(benchmark => Works.ContainsKey(benchmark.Descriptor.Type));

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        summary[benchmarkCase]?.ResultStatistics is { } statistics && Works.TryGetValue(benchmarkCase.Descriptor.Type, out Func<ParameterInstances, Work>? work)
            ? (amount(work(benchmarkCase.Parameters)) / statistics.Median).ToString("0.0", CultureInfo.InvariantCulture)
            : "-";

    public override string ToString() => ColumnName;
}
