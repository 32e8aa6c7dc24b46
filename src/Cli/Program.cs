using AdaptiveKv.Cli;

using Interruption interruption = new(TimeProvider.System);
return CommandLine.Run(args, Terminal.OfProcess(interruption));
