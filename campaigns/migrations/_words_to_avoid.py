"""What a new house begins with: words that promise too much, are jargon or unclear, by language."""

# Per language and kind: a phrase and, behind the bar, what to write instead.
WORDS = {
    "en": {
        "exaggeration": """
            amazing* | say what is good about it
            incredibl* | say what is good about it
            unbelievabl* | say what is good about it
            revolutionary | say what is new
            miracle* | say what it does
            magic* | say what it does
            the best | say compared with what
            world's best | say compared with what
            best ever | say compared with what
            best in the world | say compared with what
            the cheapest | say the price
            lowest price ever | say since when
            once in a lifetime | say until which day
            never before | say what is new
            unbeatable | say the price
            the ultimate | say what is good about it
            insane* | say the price
            crazy prices | say the prices
            must-have* | say what it is good for
            risk-free | say how it can be given back
            no risk | say how it can be given back
            guaranteed results | say what is promised, and what if not
            100 % guaranteed | say what is promised, and what if not
            everyone loves | say who
        """,
        "jargon": """
            omnichannel | online and in our shops
            cross-sell* | goes well with
            upsell* | say what more there is
            up-sell* | say what more there is
            sku* | product
            kpi* | say what is counted
            roi | say what is gained
            clv | say what is meant
            touchpoint* | say where
            funnel | say what is meant
            opt-in | agree
            opt-out | no longer get our messages
            synerg* | say what is gained
            leverag* | use
            best-in-class | say compared with what
            cutting-edge | say what is new
            state-of-the-art | say what is new
            next-gen* | say what is new
            holistic* | say what it takes in
            seamless* | say what is easier
            frictionless | easy
            algorithm* | say what the customer bought or looked at
            machine learning | say what the customer bought or looked at
            big data | say what the customer bought or looked at
            segment | say what the customers have in common
            segments | say what the customers have in common
            conversion | purchase
        """,
        "unclear": """
            terms apply | say which
            conditions apply | say which
            some restrictions | say which
            selected products | name them, or say where the list is
            selected items | name them, or say where the list is
            participating stores | name them, or say where the list is
            participating shops | name them, or say where the list is
            while stocks last | say how many there are
            subject to availability | say how many there are
            limited time | say until which day
            for a short time | say until which day
            may vary | say from what to what
            and much more | say what
            etc | say what
            soon | say when
            shortly | say when
            as soon as possible | say when
        """,
    },
    "es": {
        "exaggeration": """
            increíbl* | diga qué tiene de bueno
            alucinante* | diga qué tiene de bueno
            espectacular* | diga qué tiene de bueno
            brutal* | diga qué tiene de bueno
            revolucionari* | diga qué es lo nuevo
            milagro* | diga qué hace
            mágic* | diga qué hace
            el mejor | diga en comparación con qué
            la mejor | diga en comparación con qué
            los mejores | diga en comparación con qué
            las mejores | diga en comparación con qué
            único en el mundo | diga en comparación con qué
            única en el mundo | diga en comparación con qué
            el más barato | diga el precio
            la más barata | diga el precio
            el precio más bajo | diga desde cuándo
            precios de locura | diga los precios
            insuperable* | diga el precio
            inmejorable* | diga el precio
            irrepetible* | diga hasta qué día
            nunca visto | diga qué es lo nuevo
            jamás visto | diga qué es lo nuevo
            imprescindible* | diga para qué sirve
            sin riesgo* | diga cómo se puede devolver
            resultados garantizados | diga qué se promete, y qué pasa si no
            100 % garantizado | diga qué se promete, y qué pasa si no
            a todo el mundo le encanta | diga a quién
        """,
        "jargon": """
            omnicanal* | en internet y en nuestras tiendas
            cross-sell* | combina con
            upsell* | diga qué más hay
            venta cruzada | combina con
            sku* | producto
            kpi* | diga qué se cuenta
            roi | diga qué se gana
            clv | diga qué significa
            touchpoint* | diga dónde
            funnel | diga qué significa
            embudo | diga qué significa
            engagement | diga qué significa
            customer journey | diga qué significa
            opt-in | aceptar
            opt-out | no recibir más mensajes
            sinergi* | diga qué se gana
            holístic* | diga qué incluye
            disruptiv* | diga qué es lo nuevo
            de última generación | diga qué es lo nuevo
            valor añadido | diga qué más hay
            algoritm* | diga qué compró o miró el cliente
            aprendizaje automático | diga qué compró o miró el cliente
            big data | diga qué compró o miró el cliente
            segmento* | diga qué tienen en común los clientes
            conversión | compra
        """,
        "unclear": """
            se aplican condiciones | diga cuáles
            aplican condiciones | diga cuáles
            consulte condiciones | diga cuáles
            consultar condiciones | diga cuáles
            ciertas restricciones | diga cuáles
            salvo excepciones | diga cuáles
            productos seleccionados | nómbrelos o diga dónde está la lista
            artículos seleccionados | nómbrelos o diga dónde está la lista
            tiendas participantes | nómbrelas o diga dónde está la lista
            hasta agotar existencias | diga cuántas unidades hay
            hasta fin de existencias | diga cuántas unidades hay
            según disponibilidad | diga cuántas unidades hay
            tiempo limitado | diga hasta qué día
            puede variar | diga desde qué hasta qué
            y mucho más | diga qué
            etc | diga qué
            próximamente | diga cuándo
            en breve | diga cuándo
            lo antes posible | diga cuándo
        """,
    },
}


def list_words(apps, schema_editor):
    model = apps.get_model("campaigns", "WordToAvoid")
    model.objects.bulk_create(
        model(language=language, kind=kind, phrase=phrase.strip(), advice=advice.strip())
        for language, kinds in WORDS.items()
        for kind, lines in kinds.items()
        for phrase, _bar, advice in (line.partition("|") for line in lines.strip().splitlines())
    )
