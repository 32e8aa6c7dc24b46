using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;

using Interruption interruption = new();
return CommandLine.Run(args, Terminal.OfProcess(interruption));
