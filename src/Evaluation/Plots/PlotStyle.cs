namespace AdaptiveKv.Evaluation.Plots;

/// <summary>
/// The colours of pictures in a light and a dark scheme, as the reader's system says. Series have the hues of Okabe and Ito (2008), which colour-blind
/// readers can tell apart, darkened or lightened until they have 4.5:1 of contrast with the page. Tiers are shades of one hue.
/// </summary>
internal static class PlotStyle
{
    /// <summary>Ways in which a line can be broken.</summary>
    public const int Dashes = 4;

    public const string Css =
        """
        .plot{color:#1c1e21;font:13px system-ui,'Segoe UI',Helvetica,Arial,sans-serif}
        .plot text{fill:currentColor}
        .plot .grid{stroke:currentColor;stroke-opacity:.15;fill:none}
        .plot .axis{stroke:currentColor;stroke-opacity:.6;fill:none}
        .plot .guide{stroke:currentColor;stroke-opacity:.6;stroke-dasharray:5 4;fill:none}
        .plot .leader{stroke:currentColor;stroke-opacity:.5;fill:none}
        .plot .line{stroke:currentColor;stroke-width:2;fill:none;stroke-linejoin:round}
        .plot .d1{stroke-dasharray:7 4}.plot .d2{stroke-dasharray:2 3}.plot .d3{stroke-dasharray:9 3 2 3}
        .plot .whisker{stroke:currentColor;stroke-width:1.5;fill:none}
        .plot .dot{fill:currentColor;stroke:currentColor;stroke-width:1.5}
        .plot .hollow{fill:none}
        .plot .cell{fill:currentColor;stroke:none}
        .plot .tier{stroke:#5a6068;stroke-width:1}
        .plot .s0{color:#0068a6}.plot .s1{color:#b84a00}.plot .s2{color:#00775a}.plot .s3{color:#a03c78}.plot .s4{color:#7d5a00}.plot .s5{color:#7a4fd1}.plot .s6{color:#5a5f66}
        .plot .t0{fill:#e3f1fa}.plot .t1{fill:#b5dbf1}.plot .t2{fill:#74b9e0}.plot .t3{fill:#1f6ea8}.plot .t4{fill:#0b3c5d}
        .plot text.on0,.plot text.on1,.plot text.on2{fill:#10151a}.plot text.on3,.plot text.on4{fill:#fff}
        @media (prefers-color-scheme:dark){
        .plot{color:#e4e6e9}
        .plot .s0{color:#62b6f0}.plot .s1{color:#ff9a5c}.plot .s2{color:#43cfa4}.plot .s3{color:#eb9fc6}.plot .s4{color:#e8c14d}.plot .s5{color:#b9a5ff}.plot .s6{color:#b3b8be}
        .plot .tier{stroke:#8a9199}
        }
        """;

    /// <summary>The class of a colour.</summary>
    public static string Series(int? color) => color is { } index ? $"s{index}" : "ink";
}
