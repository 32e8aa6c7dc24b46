using AdaptiveKv.Kernels;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

const string Quick = "--quick";

// In this process: BenchmarkDotNet would otherwise generate and build a project of its own, which this repository's build settings do not fit.
Job job = (args.Contains(Quick) ? Job.ShortRun : Job.Default).WithToolchain(InProcessEmitToolchain.Instance);
ManualConfig config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params, DefaultColumnProviders.Statistics)
    .AddColumn(WorkRate.Bytes, WorkRate.Products)
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .WithArtifactsPath(AppContext.BaseDirectory);
BenchmarkSwitcher.FromAssembly(typeof(WorkRate).Assembly).Run([.. args.Where(argument => argument != Quick)], config);
