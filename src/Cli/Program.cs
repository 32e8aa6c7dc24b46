using AdaptiveKv.Cli;

using Interruption interruption = new();
return CommandLine.Run(args, Terminal.OfProcess(interruption));
