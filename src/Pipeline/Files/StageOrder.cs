namespace AdaptiveKv.Pipeline.Files;

/// <summary>The order in which stages can run.</summary>
internal static class StageOrder
{
    /// <summary>Each stage after its producers, otherwise as given; a cycle is a fault that names its stages.</summary>
    public static IReadOnlyList<PipelineStage> Sort(IReadOnlyList<PipelineStage> stages, FaultList faults)
    {
        Dictionary<string, PipelineStage> byName = stages.ToDictionary(stage => stage.Name);
        List<PipelineStage> ordered = [];
        HashSet<string> placed = [];
        while (ordered.Count < stages.Count)
        {
            PipelineStage? next = stages.FirstOrDefault(stage => !placed.Contains(stage.Name) && stage.Producers.All(placed.Contains));
            if (next is null)
            {
                string[] cycle = Cycle(stages.First(stage => !placed.Contains(stage.Name)), byName, placed);
                faults.Add(byName[cycle[0]].Where, $"stages.{cycle[0]}", $"the stages wait for each other: {string.Join(" -> ", cycle)}");
                return ordered;
            }

            ordered.Add(next);
            placed.Add(next.Name);
        }

        return ordered;
    }

    // Every stage that is left waits for one that is left too: going back along those ends in a cycle.
    private static string[] Cycle(PipelineStage start, Dictionary<string, PipelineStage> byName, HashSet<string> placed)
    {
        List<string> path = [];
        string name = start.Name;
        while (!path.Contains(name))
        {
            path.Add(name);
            name = byName[name].Producers.First(producer => !placed.Contains(producer));
        }

        string[] backwards = [.. path.Skip(path.IndexOf(name))];
        Array.Reverse(backwards);
        return [.. backwards, backwards[0]];
    }
}
