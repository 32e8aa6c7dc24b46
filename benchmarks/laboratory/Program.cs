using AdaptiveKv.Cli;
using AdaptiveKv.Laboratory;

using Interruption interruption = new();
return Experiments.Run(args, Terminal.OfProcess(interruption));
