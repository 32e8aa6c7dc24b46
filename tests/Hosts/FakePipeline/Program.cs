using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.FakePipeline;

// The pipeline commands as akv has them, over stages that need no model: a process that tests can kill, stop and starve.
using Interruption interruption = new();
Terminal terminal = Terminal.OfProcess(interruption);
return CommandLine.Run(
    args,
    terminal,
    [
        PipelineRunCommand.Create(terminal, FakeStages.Catalog),
        SweepCommand.Create(terminal, FakeStages.Catalog),
        RunsCommand.Create(terminal, FakeStages.Catalog),
        StatusCommand.Create(terminal, FakeStages.Catalog),
        ValidateCommand.Create(terminal, FakeStages.Catalog),
        DagCommand.Create(terminal, FakeStages.Catalog),
        MetricsCommand.Create(terminal, FakeStages.Catalog),
        ShardCommand.Create(terminal, FakeStages.Catalog),
        GateCommand.Create(terminal, FakeStages.Catalog),
        .. FakeStages.Catalog.Kinds.Values.Select(kind => StageCommand.Create(terminal, kind)),
    ]);
